"""Which homes of our area have places, and no placing authority's notice has named them for a year.

In 2024 two thirds of the children in homes lived outside their own authority, so a home of which
nobody tells us is either empty, or takes our own children alone, or somebody has forgotten. Which
of the three it is, the home may have said itself, by its notices or to a census. A home whose last
notice is of a placement that goes on is silent, too, once a year has passed: the child may be gone.
Homes that the directory has without a number of places are left out.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, func, select

from directory.country.reference.working_days import london_day
from directory.homes.query import SearchQuery
from directory.homes.service import search_all
from directory.hosting.silent.words import Word, last_words
from directory.notices.models import received_notice
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node

YEAR = timedelta(days=365)
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class SilentHome:
    """A home, the day on which the last notice that names it came, None if none ever did, and what
    the home said itself within the year.
    """

    urn: str
    name: str | None
    provision: str
    places: int
    last: date | None
    said: Word | None


def silent_homes(
    connection: Connection, replica: Connection, node: Node, who: Principal, area: str
) -> list[SilentHome]:
    """Homes of an authority's area of which no notice has come for a year: those that say that
    children of other authorities live there, those that said nothing, those that say that none do;
    of each, those with most places first. Raises NotAllowed, a VaultError.
    """
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    last = _last_notices(connection, area)
    since = london_day(node.now()) - YEAR
    words = last_words(connection, node, area, since)
    query = SearchQuery(authority=area, min_places=1)
    homes = {one.record.urn: one.record for one in search_all(replica, query, _MOST)}
    found = [
        SilentHome(urn, one.name, one.provision, one.places or 0, last.get(urn), words.get(urn))
        for urn, one in homes.items()
        if last.get(urn, date.min) < since
    ]
    return sorted(found, key=lambda one: (_rank(one), -one.places, one.name or "", one.urn))


def _rank(one: SilentHome) -> int:
    if one.said is None:
        return 1
    return 0 if one.said.others else 2


def _last_notices(connection: Connection, area: str) -> dict[str, date]:
    """By URN, the day on which the last notice that names it came."""
    notice = received_notice.c
    rows = connection.execute(
        select(notice.urn, func.max(notice.received_at))
        .where(
            notice.area_authority == area, notice.withdrawn_at.is_(None), notice.urn.is_not(None)
        )
        .group_by(notice.urn)
    )
    return {urn: london_day(at) for urn, at in rows}
