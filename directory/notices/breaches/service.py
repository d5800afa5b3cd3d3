"""What is done about a notice that told somebody of a child who had no need to know.

Both authorities have a personal data breach, each its own: who opened the notice, whether it is
contained, reported to the Information Commissioner within 72 hours of becoming aware of it, or why
not (UK GDPR, article 33), and what came of it. The governance officer closes it. Nothing of the
notice is destroyed by any of this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from directory.notices.breaches.models import notice_breach
from directory.notices.errors import BreachOpen, NoSuchBreach
from directory.privacy.restricting.closing import closed_to, require_open
from directory.security.audit.models import audit_row
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import may, require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node

REPORT_WITHIN = timedelta(hours=72)
_LOOKS = (Action.READ_RECEIVED_NOTICES, Action.READ_SENT_NOTICES)


@dataclass(frozen=True, slots=True)
class Breach:
    """A breach of one of our authorities, without the child. `not_reported` and `found` are words;
    `side` says whether the notice was sent or received by it.
    """

    id: str
    side: str
    authority: str
    other_authority: str
    notice: str
    why: str
    opened_at: datetime
    contained_at: datetime | None
    contained_by: str | None
    reported_at: datetime | None
    reference: str | None
    not_reported: str
    decided_by: str | None
    found: str
    closed_at: datetime | None
    closed_by: str | None

    @property
    def report_by(self) -> datetime:
        """Until when it is to be reported."""
        return self.opened_at + REPORT_WITHIN

    @property
    def is_decided(self) -> bool:
        """Whether it was reported, or said why not."""
        return self.decided_by is not None


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody who opened the notice here, as the audit has it."""

    at: datetime
    who: str
    id: str


def open_breach(
    connection: Connection,
    node: Node,
    side: str,
    row: Row[tuple[object, ...]],
    *,
    withdrawal: str,
    why: str,
) -> None:
    """Open one for the notice of `row`, unless it is open; in the transaction of the withdrawal."""
    placing, area = row.placing_authority, row.area_authority
    if connection.execute(select(notice_breach.c.id).where(_of(side, row))).first():
        return
    ours, other = (placing, area) if side == "sent" else (area, placing)
    connection.execute(
        insert(notice_breach).values(
            id=token_hex(16),
            side=side,
            authority=ours,
            other_authority=other,
            notice=row.id,
            placing_authority=placing,
            withdrawal=withdrawal,
            why=why,
            opened_at=node.now(),
        )
    )


def note_contained(
    connection: Connection, node: Node, side: str, row: Row[tuple[object, ...]], *, by: str
) -> None:
    """That nobody reads the notice any more who should not; the first to say so is kept."""
    connection.execute(
        update(notice_breach)
        .where(_of(side, row), notice_breach.c.contained_at.is_(None))
        .values(contained_at=node.now(), contained_by=by[:200])
    )


def breaches(connection: Connection, node: Node, who: Principal, authority: str) -> list[Breach]:
    """An authority's breaches: those that are open first, then by age; of restricted notices, for
    who is named and who settles breaches. Raises NotAllowed.
    """
    require(who, Action.SEE_BREACHES, authority)
    settles = may(who, Action.SETTLE_BREACHES, authority)
    closed = {} if settles else closed_to(connection, who, authority)
    rows = connection.execute(
        select(notice_breach)
        .where(notice_breach.c.authority == authority)
        .order_by(notice_breach.c.closed_at.is_not(None), notice_breach.c.opened_at)
    ).all()
    return [_opened(connection, node, row) for row in rows if f"notice/{row.notice}" not in closed]


def breaches_of(connection: Connection, node: Node, authority: str, notice: str) -> list[Breach]:
    """Those of one notice of an authority; for whoever may read it and notes the look."""
    mine = (notice_breach.c.authority == authority) & (notice_breach.c.notice == notice)
    rows = connection.execute(select(notice_breach).where(mine)).all()
    return [_opened(connection, node, row) for row in rows]


def one_breach(
    connection: Connection, node: Node, who: Principal, authority: str, breach: str
) -> Breach:
    """One of them. Raises NotAllowed, NoSuchBreach, Restricted."""
    require(who, Action.SEE_BREACHES, authority)
    row = _row_of(connection, authority, breach)
    if not may(who, Action.SETTLE_BREACHES, authority):
        require_open(connection, who, authority, f"notice/{row.notice}")
    return _opened(connection, node, row)


def who_looked(connection: Connection, who: Principal, breach: Breach) -> list[Look]:
    """Everybody who opened the notice at this authority, from the first. Raises NotAllowed."""
    require(who, Action.SEE_BREACHES, breach.authority)
    rows = _looks(connection, breach.authority, breach.notice)
    return [Look(row.at, row.who_name, row.who) for row in rows]


def people_who_looked(connection: Connection, authority: str, notice: str) -> int:
    """How many people opened a notice at an authority."""
    return len({row.who for row in _looks(connection, authority, notice)})


def decide(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    breach: str,
    *,
    reference: str | None,
    why_not: str | None,
) -> None:
    """That it was reported, with the Commissioner's reference, or why it need not be.

    Raises NotAllowed, NoSuchBreach.
    """
    require(who, Action.SETTLE_BREACHES, authority)
    row = _row_of(connection, authority, breach)
    sealed = None
    if why_not:
        vault = Vault(connection, node)
        sealed = vault.seal("notice_breach", "not_reported", row.id, why_not.encode())
    reported = node.now() if reference else None
    _change(
        connection,
        row.id,
        reported_at=reported,
        reference=reference,
        not_reported=sealed,
        decided_at=node.now(),
        decided_by=who.name[:200],
    )
    said = "reported to the Commissioner" if reference else "not reported, and why"
    _note(connection, node, who, row, said)


def close(
    connection: Connection, node: Node, who: Principal, authority: str, breach: str, found: str
) -> None:
    """Close it with what came of it. Raises NotAllowed, NoSuchBreach, BreachOpen."""
    require(who, Action.SETTLE_BREACHES, authority)
    row = _row_of(connection, authority, breach)
    if row.contained_at is None or row.decided_at is None:
        raise BreachOpen("Before it is closed it has to be contained, and reported or said why not")
    sealed = Vault(connection, node).seal("notice_breach", "found", row.id, found.encode())
    _change(connection, row.id, found=sealed, closed_at=node.now(), closed_by=who.name[:200])
    _note(connection, node, who, row, "closed")


def _opened(connection: Connection, node: Node, row: Row[tuple[object, ...]]) -> Breach:
    vault = Vault(connection, node)
    words = {
        name: vault.open("notice_breach", name, row.id, sealed).decode()
        if (sealed := getattr(row, name))
        else ""
        for name in ("not_reported", "found")
    }
    kept = {name: row._mapping[name] for name in Breach.__dataclass_fields__}
    return Breach(**(kept | words))


def _row_of(connection: Connection, authority: str, breach: str) -> Row[tuple[object, ...]]:
    mine = (notice_breach.c.id == breach) & (notice_breach.c.authority == authority)
    row = connection.execute(select(notice_breach).where(mine)).one_or_none()
    if row is None:
        raise NoSuchBreach("There is no such breach here.")
    return row


def _change(connection: Connection, breach: str, **values: object) -> None:
    connection.execute(update(notice_breach).where(notice_breach.c.id == breach).values(**values))


def _note(
    connection: Connection, node: Node, who: Principal, row: Row[tuple[object, ...]], said: str
) -> None:
    note(
        connection,
        node,
        who,
        Action.SETTLE_BREACHES,
        authority=row.authority,
        record=f"notice/{row.notice}",
        detail=f"breach {said}",
    )


def _of(side: str, row: Row[tuple[object, ...]]) -> ColumnElement[bool]:
    table = notice_breach.c
    return and_(
        table.side == side,
        table.placing_authority == row.placing_authority,
        table.notice == row.id,
    )


def _looks(
    connection: Connection, authority: str, notice: str
) -> Sequence[Row[datetime, str, str]]:
    return connection.execute(
        select(audit_row.c.at, audit_row.c.who_name, audit_row.c.who)
        .where(
            audit_row.c.authority == authority,
            audit_row.c.record == f"notice/{notice}",
            audit_row.c.action.in_([str(one) for one in _LOOKS]),
        )
        .order_by(audit_row.c.seq)
    ).all()
