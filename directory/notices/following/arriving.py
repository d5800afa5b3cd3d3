"""What comes after a notice from the other authority, stored in the transaction of its receipt.

Messages overtake each other: one about a notice that has not come is not refused but put off, and
its sender tries again.
"""

from sqlalchemy import Connection, Row, exists, select

from directory.intake.attachments.arrived import look_into
from directory.notices.breaches.service import note_contained, open_breach
from directory.notices.following.keeping import keep
from directory.notices.models import notice_event, received_notice, sent_notice
from directory.notices.now import Side
from directory.security.audit.arriving import note_arrival, sending_node
from directory.security.vault.errors import Erased
from federation import Node
from protocols.errors import Malformed, NotYet
from protocols.messages import Message
from protocols.placements import (
    BREACHES,
    FromPlacing,
    PlacementBody,
    PlacementChange,
    QuestionAnswer,
    Withdrawal,
    WithdrawalAnswer,
    decode_placement_body,
    says_nothing,
)


def receive_following(connection: Connection, node: Node, message: Message) -> None:
    """Store what a verified message says of a notice.

    Raises Malformed to refuse it: what is about a notice that its signer did not send or receive,
    answers what was not asked, or is about what was destroyed here. Raises NotYet when the notice
    has not come.
    """
    body = decode_placement_body(bytes(message.body))
    if message.attachments and not isinstance(body, PlacementChange):
        raise Malformed("message about a notice: comes with attachments")
    if not message.attachments and isinstance(body, PlacementChange) and says_nothing(body):
        raise Malformed("message about a notice: a change that changes nothing")
    look_into(connection, message)
    if isinstance(body, FromPlacing | QuestionAnswer):
        side: Side = "received"
        row = _received(connection, message, body.notice)
    else:
        side, row = "sent", _sent(connection, message, body.notice)
    _refuse_unasked(connection, side, row, body)
    by = sending_node(node, message.sender).name
    try:
        keep(
            connection,
            node,
            side,
            row,
            body=body,
            message=message.id,
            by=by,
            attachments=message.attachments,
        )
    except Erased:
        raise Malformed("message about a notice: it was destroyed here") from None
    note_arrival(
        connection,
        node,
        message,
        "receive what follows a notice",
        f"notice/{row.id}",
        detail=str(body.__struct_config__.tag),
    )
    if isinstance(body, Withdrawal) and body.why in BREACHES:
        open_breach(connection, node, side, row, withdrawal=message.id, why=body.why)
    if isinstance(body, WithdrawalAnswer) and body.contained:
        note_contained(connection, node, side, row, by=by)


def _received(connection: Connection, message: Message, notice: str) -> Row[tuple[object, ...]]:
    table = received_notice.c
    mine = (
        (table.id == notice)
        & (table.placing_authority == message.sender)
        & (table.area_authority == message.recipient)
        & (table.came_by == "node")
    )
    row = connection.execute(select(received_notice).where(mine).with_for_update()).one_or_none()
    if row is not None:
        return row
    if connection.scalar(select(exists().where(table.id == notice))):
        raise Malformed("message about a notice: its signer did not send that to this authority")
    raise NotYet("message: it is about a notice that has not come yet")


def _sent(connection: Connection, message: Message, notice: str) -> Row[tuple[object, ...]]:
    table = sent_notice.c
    mine = (
        (table.id == notice)
        & (table.placing_authority == message.recipient)
        & (table.area_authority == message.sender)
    )
    row = connection.execute(select(sent_notice).where(mine).with_for_update()).one_or_none()
    if row is None:
        raise Malformed("message about a notice: that was not sent to its signer")
    return row


def _refuse_unasked(
    connection: Connection, side: Side, row: Row[tuple[object, ...]], body: PlacementBody
) -> None:
    """What answers has to answer something of ours about this notice."""
    if isinstance(body, QuestionAnswer):
        kind, said = "question/1", body.question
    elif isinstance(body, WithdrawalAnswer):
        kind, said = "withdrawal/1", body.withdrawal
    else:
        return
    table = notice_event.c
    ours = (
        (table.side == side)
        & (table.placing_authority == row.placing_authority)
        & (table.notice == row.id)
        & (table.kind == kind)
        & (table.message == said)
    )
    if not connection.scalar(select(exists().where(ours))):
        raise Malformed("message about a notice: answers what was not said to its signer")
