"""What comes from others about a census: that a home run from here is asked, or what it answers."""

from datetime import datetime

from sqlalchemy import Connection

from directory.hosting.census.answers import take_answer
from directory.hosting.census.asking import take_asking
from directory.security.audit.arriving import note_arrival
from federation import Node
from protocols.census import CensusAsking, decode_census_body
from protocols.errors import Malformed
from protocols.messages import Message


def receive(connection: Connection, node: Node, message: Message, now: datetime) -> None:
    """Store what a verified message asks or answers. Raises Malformed to refuse it."""
    body = decode_census_body(bytes(message.body))
    sender, recipient = message.sender, message.recipient
    if isinstance(body, CensusAsking):
        known = take_asking(connection, node, body, area=sender, through=recipient)
        what = "receive an asking of a census"
    else:
        known = take_answer(
            connection,
            node,
            area=recipient,
            of=body.census,
            claim=body.claim,
            through=sender,
            counts=body.counts,
            by=body.answered_by,
            at=min(body.answered_at, now),
        )
        what = "receive an answer to a census"
    if not known:
        raise Malformed("message of a census: of a home that was not asked so")
    note_arrival(connection, node, message, what, f"census/{body.census}")
