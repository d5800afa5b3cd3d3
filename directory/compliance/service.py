"""Comparing what both sides have counted, telling others what we have, and publishing figures."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec
from msgspec.structs import asdict
from sqlalchemy import Connection, Row, delete, insert, select

from directory.compliance.counting import added, by_quarter
from directory.compliance.models import notice_count, notice_count_told
from directory.compliance.quarters import complete
from directory.country.reference.working_days import london_day
from directory.country.rules.purposes import why
from directory.country.rules.table import nation_of
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, change_section, own_snapshot, queue, read_snapshots
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


def tell_others(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    quarter: str | None = None,
    *,
    changed_alone: bool = False,
) -> int:
    """Tell each authority, sealed, what we have counted of the notices between us in a quarter, by
    itself the last that is over; with `changed_alone`, only what they were not told so before.
    Gives how many messages were queued. Raises NotAllowed, a VaultError.
    """
    require(who, Action.TELL_COMPLIANCE, authority)
    now = node.now().replace(microsecond=0)
    quarter = quarter or complete(london_day(now), 1)[0]
    members = {gss for one in node.charter.members if one.status == "active" for gss in one.area}
    reason = why("notice-counts/1", nation_of(authority))
    mine = (notice_count_told.c.authority == authority) & (notice_count_told.c.quarter == quarter)
    before = {
        (row.other, row.side): _counts(row)
        for row in connection.execute(select(notice_count_told).where(mine))
    }
    told = 0
    for one in compared(connection, node, who, authority):
        if one.quarter != quarter or one.other not in members:
            continue
        if changed_alone and before.get((one.other, one.side)) == one.ours:
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
        key = {"other": one.other, "side": one.side}
        row = [notice_count_told.c[name] == value for name, value in key.items()]
        connection.execute(delete(notice_count_told).where(mine, *row))
        connection.execute(
            insert(notice_count_told).values(
                authority=authority, quarter=quarter, told_at=now, **key, **asdict(one.ours)
            )
        )
        told += 1
    if told or not changed_alone:
        note(
            connection,
            node,
            who,
            Action.TELL_COMPLIANCE,
            authority=authority,
            detail=f"{quarter}, {told} told",
        )
    return told


def publish_figures(
    connection: Connection, node: Node, who: Principal, again: str | None = None
) -> int:
    """Put figures of the last quarters that are over into our snapshot, small numbers not told
    apart from none (`protocols.compliance.told_of`); gives the snapshot's number.

    Each authority has a row of each quarter and side, also where there was no notice, so that the
    row says nothing; and what was published stays as it was, but for the quarter to be published
    `again`: whoever saw a figure change would know the number at which it does. Raises NotAllowed,
    a VaultError.
    """
    require(who, Action.RUN_NODE)
    counted = {
        (authority, one.quarter, one.side): one.counts
        for authority in node.member.area
        for one in quarters(compared(connection, node, who, authority))
    }
    wanted = _to_publish(node)
    note(connection, node, who, "publish figures of notices", detail=f"{len(wanted)} figures")

    def change(before: Snapshot | None) -> msgspec.Raw:
        kept = {key: one for key, one in _figures(before).items() if one.quarter != again}
        return encode_section(
            NoticeFigures(
                tuple(kept.get(key) or told_of(counted.get(key, _NONE), *key) for key in wanted)
            )
        )

    return change_section(node, SCHEMA, change)


def is_to_publish(node: Node) -> bool:
    """Whether a quarter is over of which no figures are published."""
    return not _figures(own_snapshot(node)).keys() >= set(_to_publish(node))


def _to_publish(node: Node) -> list[tuple[str, str, Side]]:
    area = sorted(node.member.area)
    most = min(_MOST_QUARTERS, max(1, MAX_FIGURES // (2 * len(area))))
    over = complete(london_day(node.now()), most)
    return [(one, quarter, side) for one in area for quarter in over for side in _OTHER][
        :MAX_FIGURES
    ]


def _figures(snapshot: Snapshot | None) -> dict[tuple[str, str, Side], QuarterFigures]:
    section = section_of(snapshot, NoticeFigures) if snapshot else None
    figures = section.figures if section else ()
    return {(one.authority, one.quarter, one.side): one for one in figures}


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
