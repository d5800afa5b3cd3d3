"""Counting notices from one side, as they stand now: in time or not, acknowledged or not.

A notice belongs to the quarter in which its placement begins, which both sides know; those
withdrawn do not count. It was told on the day on which it was sent, for the one side, and on which
it came, for the other. When it was due says `directory.country.rules`. The notices are opened here,
and shown nowhere.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Literal, NamedTuple, TypeAlias

from sqlalchemy import Connection, select

from directory.compliance.quarters import quarter_of
from directory.country.reference.working_days import add_working_days, london_day
from directory.country.rules.deadlines import due
from directory.country.rules.table import nation_of
from directory.notices.models import received_notice, sent_notice
from directory.notices.now import now_of_all
from federation import Node
from protocols.compliance import Counts, Side

LATE_DAYS = 5
_Part: TypeAlias = Literal["on_time", "late", "later"]


class Counted(NamedTuple):
    """A notice as far as it is counted."""

    other: str
    starts_on: date
    ended_on: date | None
    part: _Part
    acknowledged: bool


def notices(connection: Connection, node: Node, side: Side, authority: str) -> Iterator[Counted]:
    """Those that an authority has sent, or received. Raises a VaultError."""
    table = sent_notice if side == "sent" else received_notice
    ours = table.c.placing_authority if side == "sent" else table.c.area_authority
    rows = connection.execute(select(table).where(ours == authority)).all()
    found = now_of_all(connection, node, side, rows)
    for row in rows:
        now = found.get((row.placing_authority, row.id))
        if now is None or now.withdrawal:
            continue
        placement = now.says.placement
        told = london_day(row.sent_at if side == "sent" else row.received_at)
        yield Counted(
            row.area_authority if side == "sent" else row.placing_authority,
            placement.starts_on,
            now.ended_on,
            _part(node, row.placing_authority, placement.starts_on, told, placement.emergency),
            row.acknowledged_at is not None,
        )


def by_quarter(
    connection: Connection, node: Node, side: Side, authority: str, today: date
) -> Mapping[tuple[str, str], Counts]:
    """Counts by the other authority and quarter, of placements that have begun."""
    tallies: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for one in notices(connection, node, side, authority):
        if one.starts_on <= today:
            tally = tallies[one.other, quarter_of(one.starts_on)]
            tally[one.part] += 1
            tally["acknowledged"] += one.acknowledged
    return {
        key: Counts(tally["on_time"], tally["late"], tally["later"], tally["acknowledged"])
        for key, tally in tallies.items()
    }


def living_on(connection: Connection, node: Node, side: Side, authority: str, day: date) -> int:
    """How many placements went on, on a day, of those an authority has told of or was told of."""
    return sum(
        one.starts_on <= day and (one.ended_on is None or one.ended_on > day)
        for one in notices(connection, node, side, authority)
    )


def added(counts: Iterator[Counts]) -> Counts:
    """The sum."""
    every = list(counts)
    return Counts(
        sum(one.on_time for one in every),
        sum(one.late for one in every),
        sum(one.later for one in every),
        sum(one.acknowledged for one in every),
    )


def _part(node: Node, placing: str, starts_on: date, told: date, emergency: bool) -> _Part:
    owed = due("placement", placing, starts_on, node.charter.rules, late=emergency)
    if not owed.is_late(told):
        return "on_time"
    return "late" if told <= add_working_days(owed.day, LATE_DAYS, nation_of(placing)) else "later"
