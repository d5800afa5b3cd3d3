"""What comes from other authorities: a record that a provider's staff hand in for a home here, or
what became of one that was handed in there.
"""

from datetime import datetime

from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.providers.handins.answering import answer, learn_outcome
from directory.providers.handins.errors import NotTaken
from directory.providers.handins.taking import take
from directory.security.audit.arriving import note_arrival, sending_node
from directory.security.rights.principal import Principal
from federation import Node
from protocols.errors import Malformed
from protocols.handins import HandIn, HandInAnswer, decode_hand_in_body
from protocols.messages import Message


def receive(connection: Connection, node: Node, message: Message, now: datetime) -> None:
    """Take in what a verified message brings, or answer why not; or keep an answer.

    Raises Malformed to refuse it: also an answer to what was not handed in to its signer.
    """
    body = decode_hand_in_body(bytes(message.body))
    match body:
        case HandIn():
            _take(connection, node, message, body)
        case HandInAnswer():
            if not learn_outcome(
                connection,
                node,
                hand_in=body.hand_in,
                through=message.recipient,
                authority=message.sender,
                outcome=body.outcome,
                reason=body.reason or "",
                answered_at=body.answered_at,
            ):
                raise Malformed("answer: to what was not handed in to this authority")
            action = "receive what became of a record that was handed in"
            handed_in = f"hand-in/{body.hand_in}"
            note_arrival(connection, node, message, action, handed_in, detail=body.outcome)


def _take(connection: Connection, node: Node, message: Message, body: HandIn) -> None:
    who = sending_node(node, message.sender)
    through = authority_name(message.sender)

    def by(provider: str) -> Principal:
        return Principal(who.id, f"{body.handed_in_by}, {provider}, through {through}", who.grants)

    try:
        take(
            connection,
            node,
            by,
            hand_in=message.id,
            claim=body.claim,
            through=message.sender,
            authority=message.recipient,
            data=bytes(body.record),
            sent_at=message.sent,
        )
    except NotTaken as error:
        answer(
            connection,
            node,
            hand_in=message.id,
            through=message.sender,
            authority=message.recipient,
            outcome="refused",
            reason=str(error),
        )
        action = "refuse a record that was handed in"
        note_arrival(connection, node, message, action, f"hand-in/{message.id}")
