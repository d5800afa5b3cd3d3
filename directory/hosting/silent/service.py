"""Which homes of our area have places, and no notice has named them for a year.

In 2024 two thirds of the children in homes lived outside their own authority, so a home of which
nobody tells us is either empty, or takes our own children alone, or somebody has forgotten. A home
whose last notice is of a placement that goes on is silent, too, once a year has passed: the child
may be gone. Homes that the directory has without a number of places are left out.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select

from directory.country.reference.working_days import london_day
from directory.homes.query import SearchQuery
from directory.homes.service import search_all
from directory.notices.models import received_notice
from directory.notices.now import now_of_all
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node

YEAR = timedelta(days=365)
_MOST = 2_000


@dataclass(frozen=True, slots=True)
class SilentHome:
    """A home, and the day on which the last notice that names it came; None if none ever did."""

    urn: str
    name: str | None
    provision: str
    places: int
    last: date | None


def silent_homes(
    connection: Connection, replica: Connection, node: Node, who: Principal, area: str
) -> list[SilentHome]:
    """Homes of an authority's area of which no notice has come for a year, those with most places
    first. Raises NotAllowed, a VaultError.
    """
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    last = _last_notices(connection, node, area)
    since = london_day(node.now()) - YEAR
    query = SearchQuery(authority=area, min_places=1)
    homes = {one.record.urn: one.record for one in search_all(replica, query, _MOST)}
    found = [
        SilentHome(urn, one.name, one.provision, one.places or 0, last.get(urn))
        for urn, one in homes.items()
        if last.get(urn, date.min) < since
    ]
    return sorted(found, key=lambda one: (-one.places, one.name or "", one.urn))


def _last_notices(connection: Connection, node: Node, area: str) -> dict[str, date]:
    """By URN, the day on which the last notice that names it came."""
    rows = connection.execute(
        select(received_notice).where(
            received_notice.c.area_authority == area, received_notice.c.withdrawn_at.is_(None)
        )
    ).all()
    # Of what came before its URN was kept beside the seal, the seal has to be opened.
    older = now_of_all(connection, node, "received", [one for one in rows if not one.starts_on])
    found: dict[str, date] = {}
    for row in rows:
        now = older.get((row.placing_authority, row.id))
        if urn := now.says.placement.urn if now else row.urn:
            found[urn] = max(found.get(urn, date.min), london_day(row.received_at))
    return found
