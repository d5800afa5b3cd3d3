"""What stands around a notice before it is sent: whom it may be for, how far that is, which home.

Regulation 11 of the Care Planning, Placement and Case Review (England) Regulations 2010 tells a
placement at a distance (neither in the authority nor in one adjoining it) from others.
"""

from dataclasses import dataclass

from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.country.reference.neighbours import neighbours
from directory.country.reference.working_days import london_day
from directory.country.rules.deadlines import Due, due
from directory.country.rules.relation import area_of
from directory.homes.history import home_history
from directory.homes.labels import day
from directory.homes.service import home_claims
from federation import Node
from protocols.notices import Notice


@dataclass(frozen=True, slots=True)
class PlacedIn:
    """A home as the directory knows it. `areas` are those that its claims name, GSS codes."""

    urn: str
    name: str | None
    areas: frozenset[str]


def areas(node: Node, placing: str) -> dict[str, str]:
    """The authorities that can be told, by GSS code, in the order of their names."""
    others = {
        authority.gss: authority_name(authority.gss)
        for member in node.charter.members
        if member.status == "active"
        for authority in member.authorities
        if authority.gss != placing
    }
    return dict(sorted(others.items(), key=lambda one: one[1]))


def distant(node: Node, placing: str) -> frozenset[str]:
    """Of those authorities, the ones at a distance."""
    near = neighbours(node.folder).get(placing, frozenset())
    return frozenset(areas(node, placing)) - near


def home_in_directory(connection: Connection, urn: str) -> PlacedIn | None:
    """The home of this URN, from `replica.db`; None if nobody has published it."""
    claims = home_claims(connection, urn)
    if not claims:
        return None
    return PlacedIn(urn, claims[0].record.name, frozenset(one.record.authority for one in claims))


def why_closed(connection: Connection, urn: str) -> str | None:
    """What is wrong where the home of this URN was taken out of the directory, and no claim of it
    stands: it has closed, or is registered anew.
    """
    history = home_history(connection, urn)
    if not history or history[0].ended_by is None or history[0].ended_at is None:
        return None
    ended = day(london_day(history[0].ended_at))
    called = getattr(history[0].record, "name", None) or urn
    return (
        f"{called} was taken out of the directory on {ended}: it has closed, or has another URN "
        "now. Check it with the home; if the child lives there all the same, leave the URN out"
    )


def why_not_there(address: str, placing: str, area: str) -> str | None:
    """What is wrong where the postcode of an address is in another area than the one to be told."""
    there = area_of(address)
    if there is None or there == area:
        return None
    if there == placing:
        return "The postcode is in your own area, so no notice is due. Check the address"
    name = authority_name(there)
    return f"The postcode is in the area of {name}. Choose that authority, or check the address"


def why_elsewhere(home: PlacedIn | None, placing: str, area: str) -> str | None:
    """What is wrong where the directory has the home in another area than the one to be told: a
    notice that goes astray tells the wrong people about a child."""
    if home is None or area in home.areas:
        return None
    called = home.name or home.urn
    if home.areas == {placing}:
        return f"{called} is in your own area, so no notice is due. Check the URN"
    where = " and ".join(sorted(authority_name(one) for one in home.areas))
    return f"{called} is in the area of {where}. Choose that authority, or another URN"


def notice_due(node: Node, notice: Notice, placing: str) -> Due:
    """By when the area authority has to be told of this placement."""
    placed = notice.placement
    rules = node.charter.rules
    return due("placement", placing, placed.starts_on, rules, late=placed.emergency)
