"""What comes from other authorities: what a provider's staff hand in for a home here, or take back;
what became of it there; and that Ofsted was sent a statement.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.providers.handins.admitting import Arrived
from directory.providers.handins.answering import answer, learn_outcome
from directory.providers.handins.enclosed import enclosed
from directory.providers.handins.errors import NotTaken, WasWithdrawn
from directory.providers.handins.taking import take
from directory.providers.handins.withdrawing import take_withdrawal
from directory.providers.statements.telling import learn_told
from directory.security.audit.arriving import note_arrival, sending_node
from directory.security.rights.principal import Principal
from federation import Node
from protocols.attachments import MediaType
from protocols.errors import Malformed
from protocols.handins import (
    FileHandIn,
    HandIn,
    HandInAnswer,
    HandInWithdrawal,
    Outcome,
    StatementTold,
    decode_hand_in_body,
)
from protocols.messages import Message


def receive(connection: Connection, node: Node, message: Message, now: datetime) -> None:
    """Take in what a verified message brings, or answer why not; or keep an answer.

    Raises Malformed to refuse it: also an answer to what was not handed in to its signer, and
    files that are not those that belong to it.
    """
    body = decode_hand_in_body(bytes(message.body))
    match body:
        case HandInAnswer():
            _learn(connection, node, message, body)
        case StatementTold():
            learn_told(connection, node, message, body)
        case HandInWithdrawal():
            _withdraw(connection, node, message, body)
        case _:
            _take(connection, node, message, body)


def _learn(connection: Connection, node: Node, message: Message, body: HandInAnswer) -> None:
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
    note_arrival(connection, node, message, action, f"hand-in/{body.hand_in}", detail=body.outcome)


def _withdraw(connection: Connection, node: Node, message: Message, body: HandInWithdrawal) -> None:
    arrived = _arrived(node, message, body.claim, body.hand_in)
    try:
        take_withdrawal(connection, node, arrived)
    except NotTaken as error:
        raise Malformed(f"withdrawal: {error}") from None
    action = "receive that what was handed in is withdrawn"
    note_arrival(connection, node, message, action, f"hand-in/{body.hand_in}")


def _take(connection: Connection, node: Node, message: Message, body: HandIn | FileHandIn) -> None:
    files = enclosed(connection, message, body)
    arrived = _arrived(node, message, body.claim, message.id, body.handed_in_by, files)
    try:
        take(connection, node, arrived, body)
    except (NotTaken, WasWithdrawn) as error:
        gone = isinstance(error, WasWithdrawn)
        outcome: Outcome = "withdrawn" if gone else "refused"
        answer(
            connection,
            node,
            hand_in=message.id,
            through=message.sender,
            authority=message.recipient,
            outcome=outcome,
            reason="" if gone else str(error),
        )
        action = "refuse a record that was handed in"
        note_arrival(connection, node, message, action, f"hand-in/{message.id}")


def _arrived(
    node: Node,
    message: Message,
    claim: str,
    hand_in: str,
    name: str = "",
    files: Sequence[tuple[MediaType, bytes]] = (),
) -> Arrived:
    who = sending_node(node, message.sender)
    through = authority_name(message.sender)
    return Arrived(
        hand_in=hand_in,
        claim=claim,
        through=message.sender,
        authority=message.recipient,
        sent_at=message.sent,
        by=lambda provider: Principal(who.id, f"{name}, {provider}, through {through}", who.grants),
        files=files,
    )
