"""What one authority holds about children in this node, record by record, and when each is due.

The day of birth, from which the law counts, stands in no table: every record is opened to learn it,
by the machine, and shown to nobody here.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from sqlalchemy import Connection, Table, delete, select

from directory.country.reference.working_days import london_day
from directory.country.rules.table import nation_of
from directory.hosting.homes.taking import stays_told
from directory.hosting.partners.fields import day_said
from directory.notices.entered import EnteredChild
from directory.notices.models import received_notice, sent_notice
from directory.notices.now import Side, now_of_all
from directory.placing.approvals.destroying import destroy_approvals, received_bodies
from directory.placing.register.died import deaths_of
from directory.placing.register.models import child, placement
from directory.placing.register.rows import open_children
from directory.placing.register.values import ChildFacts
from directory.placing.telling.models import telling
from directory.privacy.retention.schedule import due_on
from directory.privacy.retention.told import told_records
from directory.security.vault.service import Vault
from federation import Node, in_parts
from protocols.notices import Child


class Kind(StrEnum):
    """What a record is."""

    SENT = "notice sent"
    RECEIVED = "notice received"
    CHILD = "child in the register, with every placement"
    HOME = "notice of a home"
    TOLD = "told to us as a partner"
    CONSULTED = "consultation received"


PERIODS: Mapping[Kind, str] = {
    Kind.SENT: "case-record",
    Kind.RECEIVED: "area-record",
    Kind.CHILD: "case-record",
    Kind.HOME: "area-record",
    Kind.TOLD: "partner-record",
    Kind.CONSULTED: "area-record",
}
"""The period of the schedule under which each kind stands."""

_IN_AUDIT = {
    Kind.CHILD: "child",
    Kind.TOLD: "told",
    Kind.HOME: "home-notice",
    Kind.CONSULTED: "consultation",
}
_PLACING, _AREA = "placing_authority", "area_authority"
_SIDES: tuple[tuple[Kind, Side, Table, str, str], ...] = (
    (Kind.SENT, "sent", sent_notice, _PLACING, _AREA),
    (Kind.RECEIVED, "received", received_notice, _AREA, _PLACING),
)


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a record is about, as far as it is told there now."""

    identifier: str | None
    given_name: str | None
    family_name: str | None
    born_on: date | None


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A record about a child. `other` is the authority at the other end of a notice, a GSS code;
    `due` is the day on which it may be destroyed, None where nobody knows the child's birthday.
    """

    kind: Kind
    id: str
    child: Named
    due: date | None
    other: str | None = None

    @property
    def record(self) -> str:
        """What the audit knows it by."""
        return f"{_IN_AUDIT.get(self.kind, 'notice')}/{self.id}"


def case_records(connection: Connection, node: Node, authority: str) -> Iterator[CaseRecord]:
    """Every record about a child that an authority holds here, without what was destroyed.

    Raises a VaultError when something sealed does not open.
    """
    nation, died = nation_of(authority), deaths_of(connection, node, authority)

    def record(
        kind: Kind, number: str, named: Named, other: str | None = None, sent: date | None = None
    ) -> CaseRecord:
        start = sent or named.born_on
        one = CaseRecord(kind, number, named, None, other)
        if start is None:
            return one
        ended = died.get(one.record) if PERIODS[kind] == "case-record" else None
        return replace(one, due=due_on(PERIODS[kind], start, nation, ended))

    for number, facts in open_children(connection, node, authority).items():
        yield record(Kind.CHILD, number, _named(facts))
    for number, sender, at, said in told_records(connection, node, authority):
        named = Named(
            said.get("identifier"),
            said.get("given-name"),
            said.get("family-name"),
            day_said(said.get("born-on")),
        )
        yield record(Kind.TOLD, number, named, sender, london_day(at))
    for number, asker, asked in received_bodies(connection, node, authority):
        yield record(Kind.CONSULTED, number, _named(asked.child), asker)
    for kind, side, table, ours, other in _SIDES:
        rows = connection.execute(select(table).where(table.c[ours] == authority)).all()
        now = now_of_all(connection, node, side, rows)
        for row in rows:
            if it := now.get((row.placing_authority, row.id)):
                yield record(kind, row.id, _named(it.says.child), row._mapping[other])
    for number, stay in stays_told(connection, node, authority):
        lives = stay.resident
        named = Named(None, lives.given_name, lives.family_name, lives.born_on)
        yield record(Kind.HOME, number, named, stay.placing_authority)


def notices_of(connection: Connection, number: str) -> set[str]:
    """The ids of the notices that were sent of a child in the register."""
    found = select(placement.c.notice).where(
        placement.c.child == number, placement.c.notice.is_not(None)
    )
    return set(connection.scalars(found))


def children_of(connection: Connection, notice: str) -> set[str]:
    """The children in the register of whom this notice was sent, as the audit knows them."""
    found = select(placement.c.child).where(placement.c.notice == notice)
    return {f"child/{one}" for one in connection.scalars(found)}


def destroy_children(connection: Connection, node: Node, ids: Collection[str]) -> None:
    """Destroy children of the register, all their placements and who was told, for good.

    Whoever calls has asked the table of rights and the legal holds, and noted it in the audit.
    """
    vault = Vault(connection, node)
    for part in in_parts(ids):
        theirs = placement.c.child.in_(part)
        destroy_approvals(connection, vault, select(placement.c.id).where(theirs))
        gone = connection.scalars(select(placement.c.id).where(theirs)).all()
        told = delete(telling).where(telling.c.placement.in_(gone)).returning(telling.c.id)
        vault.destroy("telling", connection.scalars(told).all())
        connection.execute(delete(placement).where(theirs))
        vault.destroy("placement", gone)
        connection.execute(delete(child).where(child.c.id.in_(part)))
    vault.destroy("child", ids)


def _named(child: ChildFacts | Child | EnteredChild) -> Named:
    return Named(child.identifier, child.given_name, child.family_name, child.born_on)
