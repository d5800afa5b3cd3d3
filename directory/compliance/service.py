"""Comparing what both sides have counted, telling others what we have, and publishing figures."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, Row, select

from directory.compliance.counting import added, by_quarter
from directory.compliance.models import notice_count
from directory.compliance.quarters import complete
from directory.country.reference.working_days import london_day
from directory.country.rules.purposes import why
from directory.country.rules.table import nation_of
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, change_section, queue, read_snapshots
from protocols.compliance import (
    MAX_FIGURES,
    Counts,
    NoticeCounts,
    NoticeFigures,
    QuarterFigures,
    Side,
    encode_counts,
    told_of,
)
from protocols.snapshots import Snapshot, encode_section, section_of

SCHEMA = "notice-figures/1"
_MOST_QUARTERS = 8
_NONE = Counts(0, 0, 0, 0)
_OTHER: dict[Side, Side] = {"sent": "received", "received": "sent"}


@dataclass(frozen=True, slots=True)
class Compared:
    """A quarter's notices between us and another authority: `side` is ours. `theirs` is None until
    they have told.
    """

    other: str
    quarter: str
    side: Side
    ours: Counts
    theirs: Counts | None

    @property
    def differs(self) -> bool:
        """Whether they have counted otherwise."""
        return self.theirs is not None and self.theirs != self.ours


@dataclass(frozen=True, slots=True)
class Quarter:
    """All notices of an authority in a quarter, from one side."""

    quarter: str
    side: Side
    counts: Counts


def compared(connection: Connection, node: Node, who: Principal, authority: str) -> list[Compared]:
    """What we have counted by other authority, quarter and side, beside what they have; the latest
    quarter first. Raises NotAllowed, a VaultError.
    """
    require(who, Action.SEE_COMPLIANCE, authority)
    today = london_day(node.now())
    rows = connection.execute(
        select(notice_count).where(notice_count.c.authority == authority)
    ).all()
    theirs = {(row.other, row.quarter, _OTHER[row.side]): _counts(row) for row in rows}
    ours = {
        (other, quarter, side): counts
        for side in _OTHER
        for (other, quarter), counts in by_quarter(connection, node, side, authority, today).items()
    }
    found = [
        Compared(other, quarter, side, ours.get(key, _NONE), theirs.get(key))
        for key in ours.keys() | theirs.keys()
        for other, quarter, side in [key]
    ]
    ordered = sorted(found, key=lambda one: (one.side, one.other), reverse=True)
    return sorted(ordered, key=lambda one: one.quarter, reverse=True)


def quarters(every: Iterable[Compared]) -> list[Quarter]:
    """Our own counts of each quarter and side, all other authorities together."""
    held = list(every)
    keys = dict.fromkeys((one.quarter, one.side) for one in held)
    return [
        Quarter(
            quarter,
            side,
            added(one.ours for one in held if (one.quarter, one.side) == (quarter, side)),
        )
        for quarter, side in keys
    ]


def tell_others(connection: Connection, node: Node, who: Principal, authority: str) -> int:
    """Tell each authority, sealed, what we have counted of the notices between us in the last
    quarter that is over; gives how many messages were queued. Raises NotAllowed, a VaultError.
    """
    require(who, Action.TELL_COMPLIANCE, authority)
    now = node.now().replace(microsecond=0)
    (quarter,) = complete(london_day(now), 1)
    members = {gss for one in node.charter.members if one.status == "active" for gss in one.area}
    reason = why("notice-counts/1", nation_of(authority))
    told = 0
    for one in compared(connection, node, who, authority):
        if one.quarter != quarter or one.other not in members:
            continue
        places = (authority, one.other) if one.side == "sent" else (one.other, authority)
        body = NoticeCounts(
            quarter,
            *places,
            one.side,
            one.ours,
            now,
            purpose=reason.purpose,
            lawful_basis=reason.lawful_basis,
        )
        queue(connection, node, sender=authority, recipient=one.other, body=encode_counts(body))
        told += 1
    note(
        connection,
        node,
        who,
        Action.TELL_COMPLIANCE,
        authority=authority,
        detail=f"{quarter}, {told} told",
    )
    return told


def publish_figures(connection: Connection, node: Node, who: Principal) -> int:
    """Put the figures of the last quarters that are over into our snapshot, small numbers not told
    apart from none (`protocols.compliance.told_of`); gives the snapshot's number. Raises
    NotAllowed, a VaultError.
    """
    require(who, Action.RUN_NODE)
    today = london_day(node.now())
    most = min(_MOST_QUARTERS, max(1, MAX_FIGURES // (2 * len(node.member.area))))
    over = complete(today, most)
    figures = [
        told_of(one.counts, authority, one.quarter, one.side)
        for authority in sorted(node.member.area)
        for one in quarters(compared(connection, node, who, authority))
        if one.quarter in over
    ]
    note(connection, node, who, "publish figures of notices", detail=f"{len(figures)} figures")

    def change(_before: Snapshot | None) -> msgspec.Raw:
        return encode_section(NoticeFigures(tuple(figures[:MAX_FIGURES])))

    return change_section(node, SCHEMA, change)


def published(node: Node) -> list[QuarterFigures]:
    """What members have published, each of the authorities that it serves alone; the latest quarter
    first.
    """
    area = {one.node: one.area for one in (node.member, *node.others())}
    found = [
        one
        for name, current in read_snapshots(node).items()
        if current.snapshot and (section := section_of(current.snapshot, NoticeFigures))
        for one in section.figures
        if one.authority in area[name]
    ]
    found.sort(key=lambda one: (one.authority, one.side))
    return sorted(found, key=lambda one: one.quarter, reverse=True)


def _counts(row: Row[tuple[object, ...]]) -> Counts:
    return Counts(row.on_time, row.late, row.later, row.acknowledged)
