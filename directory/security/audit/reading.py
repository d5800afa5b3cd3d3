"""Reading the audit: who looked, when and why. Reading it is in the audit as well."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, select

from directory.security.audit.models import audit_row
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node


@dataclass(frozen=True, slots=True)
class Noted:
    """A row of the audit. `reason` is empty where none was asked for, None when destroyed."""

    seq: int
    at: datetime
    who: str
    who_name: str
    action: str
    authority: str | None
    record: str
    detail: str
    reason: str | None


def read_audit(
    connection: Connection,
    node: Node,
    who: Principal,
    *,
    authority: str | None,
    since: datetime | None = None,
    until: datetime | None = None,
    by: str = "",
    done: str = "",
    record: str = "",
    before: int | None = None,
    limit: int | None = None,
) -> list[Noted]:
    """The audit of one authority's records, or of the node's own with None, the newest first.

    `since` is inclusive and `until` is not; `by` is part of who did it, their name or id; `done` is
    part of what was done and `record` of what it was done to; `before` is a row's number, for the
    next page. Needs `writing`. Raises NotAllowed, or a VaultError.
    """
    require(who, Action.SEE_NODE if authority is None else Action.READ_AUDIT, authority)
    query = select(audit_row).where(
        audit_row.c.authority.is_(None) if authority is None else audit_row.c.authority == authority
    )
    if since:
        query = query.where(audit_row.c.at >= since)
    if until:
        query = query.where(audit_row.c.at < until)
    if done:
        query = query.where(audit_row.c.action.icontains(done, autoescape=True))
    if record:
        query = query.where(audit_row.c.record.icontains(record, autoescape=True))
    if by:
        query = query.where(
            audit_row.c.who_name.icontains(by, autoescape=True)
            | audit_row.c.who.icontains(by, autoescape=True)
        )
    if before:
        query = query.where(audit_row.c.seq < before)
    rows = connection.execute(query.order_by(audit_row.c.seq.desc()).limit(limit)).all()
    reasons = Vault(connection, node).open_all(
        "audit_row", "reason", {str(row.seq): row.reason for row in rows if row.reason}
    )
    note(
        connection,
        node,
        who,
        Action.READ_AUDIT,
        authority=authority,
        record="audit",
        detail=f"{len(rows)} rows",
    )
    return [_noted(row, reasons) for row in rows]


def _noted(row: Row[tuple[object, ...]], reasons: Mapping[str, bytes]) -> Noted:
    opened = reasons.get(str(row.seq), b"" if row.reason is None else None)
    shown = {name: row._mapping[name] for name in Noted.__dataclass_fields__}
    return Noted(**shown | {"reason": None if opened is None else opened.decode()})
