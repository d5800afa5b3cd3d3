"""Keeping what is said of a notice after it, and with its row what can be asked without opening it.

The same on both sides: who says it keeps it in the transaction that queues it, who receives it in
that of the receipt.
"""

from datetime import datetime

from sqlalchemy import Connection, Row, func, insert, select, update

from directory.notices.looking import seal_attachments
from directory.notices.models import notice_event, received_notice, sent_notice
from directory.notices.now import Now, Side, now_of, now_of_all
from directory.notices.records import event_record
from directory.security.vault.service import Vault
from federation import Node
from protocols.attachments import Attachment
from protocols.errors import Malformed
from protocols.placements import PlacementBody, encode_placement_body

MOST = 500
"""Things said of one notice on one side: no placement needs more, and a look reads them all."""


def keep(
    connection: Connection,
    node: Node,
    side: Side,
    row: Row[tuple[object, ...]],
    *,
    body: PlacementBody,
    message: str,
    by: str,
    attachments: tuple[Attachment, ...] = (),
) -> Now:
    """Keep it, and what its files are, beside the notice of `row`; gives what the notice says now.
    Raises Malformed when there is too much already, and Erased where the notice was destroyed.
    """
    if _count(connection, side, row) >= MOST:
        raise Malformed(f"message about a notice: more than {MOST} about this one")
    raw = encode_placement_body(body)
    kind = str(body.__struct_config__.tag)
    placing, notice = row.placing_authority, row.id
    record = event_record(side, placing, notice, kind, message)
    at, vault = node.now(), Vault(connection, node)
    connection.execute(
        insert(notice_event).values(
            side=side,
            notice=notice,
            placing_authority=placing,
            area_authority=row.area_authority,
            kind=kind,
            message=message,
            body=vault.seal("notice_event", "body", record, raw),
            attachments=seal_attachments(vault, "notice_event", record, attachments),
            at=at,
            by=by[:200],
        )
    )
    now = now_of(connection, node, side, row)
    _note_state(connection, side, row, now, at)
    return now


def fill_in(connection: Connection, node: Node) -> int:
    """Give the notices that came before a release kept such columns what belongs there; gives how
    many there were. To do it again changes nothing.
    """
    rows = connection.execute(
        select(received_notice).where(received_notice.c.starts_on.is_(None))
    ).all()
    found = now_of_all(connection, node, "received", rows)
    for row in rows:
        if now := found.get((row.placing_authority, row.id)):
            _note_state(connection, "received", row, now, node.now())
    return len(found)


def _note_state(
    connection: Connection, side: Side, row: Row[tuple[object, ...]], now: Now, at: datetime
) -> None:
    values: dict[str, object] = {
        "ended_on": now.ended_on,
        "withdrawn_at": (row.withdrawn_at or at) if now.withdrawal else None,
    }
    table = sent_notice if side == "sent" else received_notice
    if side == "received":
        placed = now.says.placement
        values |= {"urn": placed.urn, "starts_on": placed.starts_on, "setting": placed.setting}
    connection.execute(
        update(table)
        .where(table.c.id == row.id, table.c.placing_authority == row.placing_authority)
        .values(values)
    )


def _count(connection: Connection, side: Side, row: Row[tuple[object, ...]]) -> int:
    table = notice_event.c
    mine = (
        (table.side == side)
        & (table.placing_authority == row.placing_authority)
        & (table.notice == row.id)
    )
    return connection.scalar(select(func.count()).select_from(notice_event).where(mine)) or 0
