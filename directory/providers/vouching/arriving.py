"""What comes from other authorities: a claim to a home here, or an answer to one made there."""

from datetime import datetime

from sqlalchemy import Connection

from directory.providers.vouching.answering import learn_answer
from directory.providers.vouching.claims import take_claim
from directory.security.audit.arriving import note_arrival
from federation import Node
from protocols.errors import Malformed
from protocols.messages import Message
from protocols.providers import HomeClaim, HomeClaimAnswer, decode_provider_body


def receive(connection: Connection, node: Node, message: Message, now: datetime) -> None:
    """Store what a verified message says of a provider's home.

    Raises Malformed to refuse it: also an answer to what its signer was not asked.
    """
    body = decode_provider_body(bytes(message.body))
    match body:
        case HomeClaim():
            take_claim(
                connection,
                node,
                claim=message.id,
                through=message.sender,
                authority=message.recipient,
                provider=body.provider,
                urn=body.urn,
                asked_by=body.asked_by,
            )
            note_arrival(connection, node, message, "receive a claim to a home", f"home/{body.urn}")
        case HomeClaimAnswer():
            if not learn_answer(
                connection,
                node,
                claim=body.claim,
                through=message.recipient,
                authority=message.sender,
                state=body.state,
                reason=body.reason or "",
                answered_at=body.answered_at,
            ):
                raise Malformed("answer: to a claim that was not made to this authority")
            note_arrival(
                connection, node, message, "receive an answer to a claim", f"claim/{body.claim}"
            )
