"""Children of whom homes alone have told: the search for a missing child looks there, too.

Such a child stands in no register, since nobody knows yet which authority's notice is of the same.
Who is found opens on the page of what the home says, for the same reason.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, or_, select

from directory.hosting.homes.models import home_notice
from directory.hosting.register.listing import asked_areas
from directory.hosting.register.words import Sought
from directory.privacy.restricting.children import marks_of
from directory.privacy.restricting.closing import Closed, closed_children, closed_to
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node
from protocols.residents import HomeNotice, decode_resident_body

_home = home_notice.c


@dataclass(frozen=True, slots=True)
class ToldByHome:
    """That a home has told of somebody who may be meant, without who."""

    number: str
    area: str
    urn: str
    starts_on: date
    ended_on: date | None


def look_among_homes(
    connection: Connection,
    node: Node,
    who: Principal,
    areas: Collection[str],
    sought: Sought,
    reason: str,
) -> list[ToldByHome]:
    """Those who may be meant, the latest to come first, without those closed to who asks; the audit
    of each area has whom it found.

    Raises NotAllowed, ReasonWanted.
    """
    asked = asked_areas(who, areas, None, reason)
    rows = connection.execute(
        select(_home.number, _home.area, _home.urn, _home.starts_on, _home.ended_on, _home.body)
        .where(
            _home.area.in_(asked),
            _home.withdrawn_at.is_(None),
            or_(_home.match.is_(None), _home.match == "probable"),
        )
        .order_by(_home.starts_on.desc(), _home.number)
    ).all()
    bodies = Vault(connection, node).open_all(
        "home_notice", "body", {row.number: row.body for row in rows}
    )
    records = {record for area in asked for record in closed_to(connection, who, area)}
    closed = {area: closed_children(connection, node, who, area) for area in asked}
    found = [
        ToldByHome(row.number, row.area, row.urn, row.starts_on, row.ended_on)
        for row in rows
        if row.number in bodies
        and f"home-notice/{row.number}" not in records
        and _is(bodies[row.number], sought, closed[row.area])
    ]
    for area in {one.area for one in found}:
        ids = " ".join(one.number for one in found if one.area == area)
        note(
            connection,
            node,
            who,
            Action.READ_REGISTER,
            authority=area,
            record="home-notices",
            reason=reason,
            detail=f"a search, found: {ids}",
        )
    return found


def _is(body: bytes, sought: Sought, closed: Closed) -> bool:
    said = decode_resident_body(body)
    if not isinstance(said, HomeNotice):
        return False
    who = said.resident
    if closed.ask(marks_of(said.placing_authority, who)) is not None:
        return False
    return sought.fits(f"{who.given_name} {who.family_name}", None, who.born_on)
