"""The files that went or came with changes of a notice. Their keys stand in no other value."""

from sqlalchemy import Connection, Row, select

from directory.intake.attachments.keeping import decode_attachments
from directory.notices.models import notice_event
from directory.notices.now import Side
from directory.notices.records import event_record
from directory.security.vault.service import Vault
from federation import Node
from protocols.attachments import Attachment


def files_after(
    connection: Connection, node: Node, side: Side, row: Row[tuple[object, ...]]
) -> dict[str, tuple[Attachment, ...]]:
    """By the message that they belong to, in the order in which those were said or came; without
    what was destroyed. `row` is that of the notice. Whoever calls has asked the table of rights.
    """
    table = notice_event.c
    sealed = {
        event_record(side, one.placing_authority, one.notice, one.kind, one.message): one
        for one in connection.execute(
            select(notice_event)
            .where(
                table.side == side,
                table.notice == row.id,
                table.placing_authority == row.placing_authority,
                table.attachments.is_not(None),
            )
            .order_by(table.seq)
        )
    }
    opened = Vault(connection, node).open_all(
        "notice_event", "attachments", {record: one.attachments for record, one in sealed.items()}
    )
    return {
        one.message: decode_attachments(opened[record])
        for record, one in sealed.items()
        if record in opened
    }
