"""What homes answered, set against the register: by home and placing authority, and in totals.

The register on the day of the census: notices of children in that home that had begun and not
ended, wherever they came from; a notice that was matched with a home's own counts for that home. A
child of the area's own authority is in no register of the area, and is shown and not compared.
"""

from collections import Counter
from dataclasses import dataclass

from sqlalchemy import Connection, select

from directory.country.authorities.former import standing_today
from directory.hosting.census.answers import answered
from directory.hosting.census.holding import homes_of, one_census
from directory.hosting.homes.models import home_notice
from directory.hosting.homes.placed import placed
from directory.security.rights.principal import Principal
from federation import Node

SMALL = 5
"""A total below it is not told to anybody else; others are rounded to it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One home and authority: how many the home counts, the register has, the home's own notices
    say. `is_own` is of the area's own children.
    """

    urn: str
    authority: str
    counted: int
    registered: int
    told: int
    is_own: bool

    @property
    def differs(self) -> bool:
        """Whether the register should be looked at."""
        return not self.is_own and self.counted != self.registered


def compared(
    connection: Connection, node: Node, who: Principal, area: str, number: str
) -> list[Difference]:
    """Every home that answered, by URN and authority. Raises NotAllowed, NoSuchCensus."""
    known = one_census(connection, who, area, number)
    day, rows = known.as_at, homes_of(connection, who, area, number)
    counts = answered(connection, node, rows)
    counted: Counter[tuple[str, str]] = Counter()
    for row in rows:
        for one in counts.get(str(row.number), ()):
            counted[str(row.urn), standing_today(one.authority)] += one.children + one.adults
    told: Counter[tuple[str, str]] = Counter()
    lives: dict[str, str] = {}
    stays = select(home_notice).where(
        home_notice.c.area == area, home_notice.c.withdrawn_at.is_(None)
    )
    for stay in connection.execute(stays):
        if stay.notice:
            lives[stay.notice] = stay.urn
        if stay.starts_on <= day and (stay.ended_on is None or stay.ended_on > day):
            told[stay.urn, standing_today(stay.placing_authority)] += 1
    registered: Counter[tuple[str, str]] = Counter()
    for notice in placed(connection, node, area):
        urn = lives.get(notice.notice, notice.said.urn)
        ended = notice.ended_on is not None and notice.ended_on <= day
        if urn and notice.said.starts_on <= day and not ended:
            registered[urn, standing_today(notice.said.placing_authority)] += 1
    answering = {str(row.urn) for row in rows if row.answered_at}
    pairs = {one for one in {*counted, *registered, *told} if one[0] in answering}
    return [
        Difference(
            urn,
            authority,
            counted[urn, authority],
            registered[urn, authority],
            told[urn, authority],
            authority == area,
        )
        for urn, authority in sorted(pairs)
        if counted[urn, authority] or registered[urn, authority] or told[urn, authority]
    ]


def totals(lines: list[Difference]) -> list[tuple[str, int | None]]:
    """How many live in the area by placing authority, fit to be told to others: rounded to five,
    None where fewer.
    """
    found: Counter[str] = Counter()
    for one in lines:
        found[one.authority] += one.counted
    return [
        (authority, SMALL * round(count / SMALL) if count >= SMALL else None)
        for authority, count in sorted(found.items(), key=lambda one: (-one[1], one[0]))
        if count
    ]
