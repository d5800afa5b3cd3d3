"""Legal holds: while one stands, nothing under it is destroyed, by anybody or anything.

An inquiry, a claim or a complaint obliges an authority to keep what would otherwise be due
(Inquiries Act 2005, section 35). A hold is on one record, or on all that the authority holds. While
any stands on a node, no epoch key is destroyed there either, so that no older backup is lost.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import Connection, insert, select, update

from directory.privacy.retention.errors import NoSuchHold, NotARecord, UnderHold
from directory.privacy.retention.models import legal_hold
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node

TABLE = "legal_hold"
_RECORD = re.compile(r"(?:notice|child|told|home-notice|consultation)/[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold. `record` is None where it is on all that the authority holds; a reason is None where
    it was destroyed."""

    id: str
    authority: str
    record: str | None
    reason: str | None
    set_by: str
    set_at: datetime
    lifted_by: str | None = None
    lifted_at: datetime | None = None
    lifted_reason: str | None = None


def set_hold(
    connection: Connection,
    node: Node,
    who: Principal,
    *,
    authority: str,
    record: str | None,
    reason: str,
) -> str:
    """Stop the destruction of a record, or of all that an authority holds; gives the hold's id.

    The record need not be here yet. Raises NotAllowed, ReasonWanted, NotARecord.
    """
    require(who, Action.HOLD_RECORDS, authority, reason)
    if record is not None and not _RECORD.fullmatch(record):
        raise NotARecord(
            "A hold is on notice/ and the id of a notice, or child/ and the id of a child in the "
            "placement register: 32 letters and digits. Nothing was held."
        )
    number = token_hex(16)
    connection.execute(
        insert(legal_hold).values(
            id=number,
            authority=authority,
            record=record,
            reason=Vault(connection, node).seal(TABLE, "reason", number, reason.strip().encode()),
            set_by=who.name[:200],
            set_at=node.now(),
        )
    )
    _note(connection, node, who, authority, f"hold/{number}", reason, f"set: {record or 'all'}")
    return number


def lift_hold(
    connection: Connection, node: Node, who: Principal, *, authority: str, hold: str, reason: str
) -> None:
    """Lift a hold: from the next round on, what is due is destroyed. Raises NotAllowed,
    ReasonWanted, NoSuchHold."""
    require(who, Action.HOLD_RECORDS, authority, reason)
    sealed = Vault(connection, node).seal(TABLE, "lifted_reason", hold, reason.strip().encode())
    lifted = connection.execute(
        update(legal_hold)
        .where(
            legal_hold.c.id == hold,
            legal_hold.c.authority == authority,
            legal_hold.c.lifted_at.is_(None),
        )
        .values(lifted_by=who.name[:200], lifted_at=node.now(), lifted_reason=sealed)
    )
    if lifted.rowcount != 1:
        raise NoSuchHold("There is no such hold, or it was lifted before. Nothing was changed.")
    _note(connection, node, who, authority, f"hold/{hold}", reason, "lifted")


def list_holds(connection: Connection, node: Node, who: Principal, authority: str) -> list[Hold]:
    """The holds of an authority, those that stand first, then the latest. Raises NotAllowed."""
    require(who, Action.SEE_RETENTION, authority)
    rows = connection.execute(
        select(legal_hold)
        .where(legal_hold.c.authority == authority)
        .order_by(legal_hold.c.lifted_at.is_not(None), legal_hold.c.set_at.desc())
    ).all()
    vault = Vault(connection, node)
    opened = {
        column: vault.open_all(
            TABLE, column, {row.id: row._mapping[column] for row in rows if row._mapping[column]}
        )
        for column in ("reason", "lifted_reason")
    }
    found = []
    for row in rows:
        said = {column: texts.get(row.id) for column, texts in opened.items()}
        words = {column: text.decode() if text else None for column, text in said.items()}
        found.append(Hold(**{name: row._mapping[name] for name in Hold.__slots__} | words))
    return found


def refuse_held(connection: Connection, authority: str, *records: str) -> None:
    """Raise UnderHold if one of these records of an authority, kind and id, must be kept."""
    if held := held_among(connection, authority, records):
        raise UnderHold(
            f"{min(held)} is under a legal hold, so nothing was destroyed. An information "
            "governance officer can lift it, on the page Retention or with 'hearth hold lift'."
        )


def held_among(connection: Connection, authority: str, records: Iterable[str]) -> set[str]:
    """Those of these records of an authority that a hold keeps."""
    standing = connection.scalars(
        select(legal_hold.c.record).where(
            legal_hold.c.authority == authority, legal_hold.c.lifted_at.is_(None)
        )
    ).all()
    return set(records) if None in standing else set(records).intersection(filter(None, standing))


def any_stands(connection: Connection) -> bool:
    """Whether anything on this node is under a hold."""
    standing = select(legal_hold.c.id).where(legal_hold.c.lifted_at.is_(None)).limit(1)
    return connection.scalar(standing) is not None


def refuse_while_any_stands(connection: Connection) -> None:
    """Raise UnderHold while anything on this node is under a hold."""
    if any_stands(connection):
        raise UnderHold(
            "A legal hold stands on this node, and older backups may hold what it is about: no key "
            "was destroyed. 'hearth hold list' names it."
        )


def _note(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    record: str,
    reason: str,
    detail: str,
) -> None:
    note(
        connection,
        node,
        who,
        Action.HOLD_RECORDS,
        authority=authority,
        record=record,
        reason=reason,
        detail=detail,
    )
