"""What each authority wants, as the node that serves it says, and lists of it over all of them.

Run inside one read transaction on `replica.db`. Everything here is public.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from directory.choosing.commissioning.models import commissioning
from directory.country.authorities.service import authority_name, by_gss
from federation import Node, followed_logs, read_records
from protocols.commissioning import Commissioning, Framework, Planned
from protocols.records import decode_record


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an authority wants, with the node that says so and since when."""

    record: Commissioning
    authority_name: str
    region: str
    node: str
    entry: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Closing:
    """A framework that can still be joined, or will be, until a day."""

    authority: str
    authority_name: str
    closes: date
    framework: Framework


@dataclass(frozen=True, slots=True)
class Upcoming:
    """What an authority has planned."""

    authority: str
    authority_name: str
    planned: Planned


@dataclass(frozen=True, slots=True)
class Total:
    """For how many children the authorities of a region look for a home, with one need.

    `children` adds up what they published, each to the nearest five; `few` counts those that said
    fewer than five.
    """

    need: str
    region: str
    children: int
    few: int


def all_wanted(connection: Connection, node: Node) -> list[Wanted]:
    """What every authority that has said so wants, by name. Of two nodes that speak for one, the
    one that the charter names now counts.
    """
    serving = {gss: member.node for member in node.charter.members for gss in member.area}
    rows = connection.execute(select(commissioning)).all()
    logs = followed_logs(connection, {row.log for row in rows})
    rows = [row for row in rows if logs[row.log].node == serving.get(row.authority)]
    records = read_records(connection, [(row.log, row.entry) for row in rows])
    found = [
        Wanted(
            record=record,
            authority_name=authority_name(row.authority),
            region=by_gss(row.authority).region,
            node=logs[row.log].node,
            entry=row.entry,
            published_at=datetime.fromisoformat(row.published_at),
        )
        for row in rows
        if (data := records.get((row.log, row.entry)))
        and isinstance(record := decode_record(data), Commissioning)
    ]
    return sorted(found, key=lambda one: (one.authority_name, one.record.authority))


def wanted_of(connection: Connection, node: Node, gss: str) -> Wanted | None:
    """What one authority wants; None if it has not said so."""
    everyone = all_wanted(connection, node)
    return next((one for one in everyone if one.record.authority == gss), None)


def closing(wanted: Iterable[Wanted], today: date) -> list[Closing]:
    """Every framework and list with a closing day from today on, the soonest first."""
    found = [
        Closing(one.record.authority, one.authority_name, framework.closes, framework)
        for one in wanted
        for framework in one.record.frameworks
        if framework.closes and framework.closes >= today
    ]
    return sorted(found, key=lambda one: (one.closes, one.authority_name, one.framework.name))


def upcoming(wanted: Iterable[Wanted], today: date) -> list[Upcoming]:
    """What is planned from today on, the soonest first."""
    found = [
        Upcoming(one.record.authority, one.authority_name, planned)
        for one in wanted
        for planned in one.record.calendar
        if planned.on >= today
    ]
    return sorted(found, key=lambda one: (one.planned.on, one.authority_name, one.planned.what))


def demand(wanted: Sequence[Wanted]) -> list[Total]:
    """Totals by need and region, in the order of both."""
    told: defaultdict[tuple[str, str], list[int | None]] = defaultdict(list)
    for one in wanted:
        for total in one.record.demand.totals if one.record.demand else ():
            told[total.need, one.region].append(total.children)
    return [
        Total(need, region, sum(filter(None, counts)), counts.count(None))
        for (need, region), counts in sorted(told.items())
    ]
