"""The area authority's side: its inbox, a notice opened for a reason, and the acknowledgement.

The same rules hold as for what was sent, see `directory.notices.sent`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, Row, select, update

from directory.notices.errors import AlreadyAcknowledged, NoSuchNotice
from directory.notices.following.files import files_after
from directory.notices.looking import (
    Opened,
    note_look,
    open_attachments,
    open_notice,
)
from directory.notices.models import received_notice
from directory.notices.now import now_of
from directory.notices.records import received_record
from directory.privacy.restricting.children import marks_of
from directory.privacy.restricting.closing import require_child_open, require_open
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, queue, received_attachment
from protocols.attachments import Attachment
from protocols.notices import Acknowledgement, Contact, encode_body


@dataclass(frozen=True, slots=True)
class Received:
    """A notice that came, without what it says of the child."""

    id: str
    placing_authority: str
    area_authority: str
    received_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    ended_on: date | None
    withdrawn_at: datetime | None


def received(connection: Connection, who: Principal, area: str) -> list[Received]:
    """Notices to an authority, the latest first. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    columns = [received_notice.c[name] for name in Received.__dataclass_fields__]
    rows = connection.execute(
        select(*columns)
        .where(received_notice.c.area_authority == area)
        .order_by(received_notice.c.received_at.desc(), received_notice.c.id)
    )
    return [Received(*row) for row in rows]


def one_received(connection: Connection, who: Principal, *, area: str, notice: str) -> Received:
    """A notice to an authority, without the child. Raises NotAllowed, NoSuchNotice, Restricted."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    require_open(connection, who, area, f"notice/{notice}")
    row = _received_row(connection, area, notice)
    return Received(**{name: row._mapping[name] for name in Received.__dataclass_fields__})


def read_received(
    connection: Connection, node: Node, who: Principal, *, area: str, notice: str, reason: str
) -> Opened:
    """All of a notice to an authority; the look is in the audit.

    Raises NotAllowed, ReasonWanted, NoSuchNotice, Restricted, or a VaultError.
    """
    require(who, Action.READ_RECEIVED_NOTICES, area, reason)
    row = _received_row(connection, area, notice)
    opened = open_notice(connection, node, "received", row)
    child = marks_of(row.placing_authority, opened.now.says.child)
    require_child_open(connection, node, who, area, f"notice/{notice}", child)
    note_look(connection, node, who, Action.READ_RECEIVED_NOTICES, area, notice, reason)
    return opened


def read_attachment(
    connection: Connection,
    node: Node,
    who: Principal,
    *,
    area: str,
    notice: str,
    number: int,
    reason: str,
    change: str | None = None,
) -> tuple[Attachment, Iterator[bytes]]:
    """A file that came with a notice, or with the change of that message, by its place from 0, and
    its content in parts, to be read after this transaction; the look is in the audit. Raises what
    `read_received` does, and NoSuchNotice where there is no such file.
    """
    require(who, Action.READ_RECEIVED_NOTICES, area, reason)
    row = _received_row(connection, area, notice)
    sender = row.placing_authority
    child = marks_of(sender, now_of(connection, node, "received", row).says.child)
    require_child_open(connection, node, who, area, f"notice/{notice}", child)
    if change:
        files = files_after(connection, node, "received", row).get(change, ())
    else:
        record = received_record(sender, notice)
        files = open_attachments(Vault(connection, node), "received_notice", record, row)
    if not 0 <= number < len(files):
        raise NoSuchNotice(f"notice {notice} has no attachment {number}")
    note_look(
        connection,
        node,
        who,
        Action.READ_RECEIVED_NOTICES,
        area,
        notice,
        reason,
        f"attachment {number + 1}" + (f" of {change}" if change else ""),
    )
    message = change or notice
    return files[number], received_attachment(node, sender, message, number, files[number])


def acknowledge(
    connection: Connection,
    node: Node,
    who: Principal,
    *,
    area: str,
    notice: str,
    contact: Contact,
) -> str:
    """Answer a notice with a person to call, and queue the answer; gives its message's id.

    Raises NotAllowed, NoSuchNotice, AlreadyAcknowledged, Restricted.
    """
    require(who, Action.ACKNOWLEDGE_NOTICES, area)
    require_open(connection, who, area, f"notice/{notice}")
    row = _received_row(connection, area, notice, change=True)
    if row.acknowledged_at is not None:
        raise AlreadyAcknowledged(f"notice {notice} was acknowledged before; nothing was sent")
    now = node.now()
    message = queue(
        connection,
        node,
        sender=area,
        recipient=row.placing_authority,
        body=encode_body(Acknowledgement(notice, contact, now)),
    )
    connection.execute(
        update(received_notice)
        .where(
            received_notice.c.id == notice,
            received_notice.c.placing_authority == row.placing_authority,
        )
        .values(
            acknowledged_at=now, acknowledged_by=who.name[:200], acknowledgement_message=message
        )
    )
    note(
        connection,
        node,
        who,
        Action.ACKNOWLEDGE_NOTICES,
        authority=area,
        record=f"notice/{notice}",
    )
    return message


def _received_row(
    connection: Connection, area: str, notice: str, *, change: bool = False
) -> Row[tuple[object, ...]]:
    """A notice that came; `change` keeps others from changing it, too, in this transaction."""
    found = select(received_notice).where(
        received_notice.c.id == notice, received_notice.c.area_authority == area
    )
    row = connection.execute(found.with_for_update() if change else found).one_or_none()
    if row is None:
        raise NoSuchNotice(f"there is no notice {notice} to {area} here")
    return row
