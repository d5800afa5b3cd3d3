"""Which notices of an area's register are perhaps of the same child: a chore of the worker's.

A child who moved, and of whose first home nobody told the end, stands at both; so does one whose
notice was entered by hand and then came from a node. Alike are two with the same identifier of the
same authority, or of the same home and day of birth, unless one authority tells them apart.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import combinations
from secrets import token_hex

from sqlalchemy import Connection, Row, func, insert, select

from directory.country.authorities.former import standing_today
from directory.country.reference.working_days import london_day
from directory.hosting.inbox.listing import is_live
from directory.hosting.register.words import plain
from directory.hosting.same.models import perhaps_same
from directory.notices.models import received_notice
from directory.notices.now import now_of_all
from federation import Node, reading, writing

_EVERY = timedelta(minutes=10)
_notice = received_notice.c


@dataclass(frozen=True, slots=True)
class Alike:
    """What is compared of a notice. `came_by` as the register has it."""

    placing: str
    id: str
    came_by: str
    starts_on: date
    received_at: datetime
    identifier: str
    born_on: date | None
    urn: str | None


class FindSame:
    """Looks every ten minutes at the areas to which something came since."""

    def __init__(self) -> None:
        self._last: datetime | None = None
        self._seen: dict[str, tuple[object, ...]] = {}

    def __call__(self, node: Node) -> None:
        """Keep what is perhaps the same, for people to settle."""
        now = node.now()
        if self._last and now - self._last < _EVERY:
            return
        self._last = now
        for area in node.member.area:
            state = select(func.count(), func.max(_notice.received_at))
            with reading(node.node_db) as connection:
                seen = tuple(connection.execute(state.where(_notice.area_authority == area)).one())
                if self._seen.get(area) == seen:
                    continue
                found = list(_pairs(_living(connection, node, area)))
            with writing(node.node_db) as connection:
                _keep(connection, area, found)
            self._seen[area] = seen


def _living(connection: Connection, node: Node, area: str) -> list[Alike]:
    here = (_notice.area_authority == area) & is_live(london_day(node.now()))
    rows: Sequence[Row[tuple[object, ...]]] = connection.execute(
        select(received_notice).where(here)
    ).all()
    by_key = {(row.placing_authority, row.id): row for row in rows}
    found = []
    for key, now in now_of_all(connection, node, "received", rows).items():
        row, child, placed = by_key[key], now.says.child, now.says.placement
        if not now.withdrawal:
            found.append(
                Alike(
                    *key,
                    row.came_by,
                    placed.starts_on,
                    row.received_at,
                    plain(child.identifier or ""),
                    child.born_on,
                    placed.urn,
                )
            )
    return found


def _pairs(every: Sequence[Alike]) -> Iterator[tuple[Alike, Alike, str]]:
    """Those that are alike, each with why: who would leave first, then who stays."""
    by_child: defaultdict[tuple[str, str], list[Alike]] = defaultdict(list)
    by_home: defaultdict[tuple[str, date], list[Alike]] = defaultdict(list)
    for one in every:
        if one.identifier:
            by_child[standing_today(one.placing), one.identifier].append(one)
        if one.urn and one.born_on:
            by_home[one.urn, one.born_on].append(one)
    for those in by_child.values():
        for one, other in combinations(sorted(those, key=_leaves_first), 2):
            yield one, other, "identifier"
    for those in by_home.values():
        for one, other in combinations(sorted(those, key=_leaves_first), 2):
            # The same identifier stands above already; another one, of one authority, is a twin's.
            same_authority = standing_today(one.placing) == standing_today(other.placing)
            if not (same_authority and one.identifier and other.identifier):
                yield one, other, "home and day of birth"


def _leaves_first(one: Alike) -> tuple[bool, date, datetime]:
    """What was entered here by hand leaves before what a node sent, and the older before the
    newer.
    """
    return one.came_by == "node", one.starts_on, one.received_at


def _keep(connection: Connection, area: str, found: Sequence[tuple[Alike, Alike, str]]) -> None:
    table = perhaps_same.c
    rows = connection.execute(select(table.leaves, table.stays).where(table.area == area))
    known = {frozenset(row) for row in rows}
    for one, other, why in found:
        if frozenset((one.id, other.id)) in known:
            continue
        known.add(frozenset((one.id, other.id)))
        connection.execute(
            insert(perhaps_same).values(
                id=token_hex(16),
                area=area,
                leaves_placing=one.placing,
                leaves=one.id,
                stays_placing=other.placing,
                stays=other.id,
                why=why,
                state="open",
            )
        )
