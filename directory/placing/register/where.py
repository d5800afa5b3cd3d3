"""In whose area a placement is, and how that lies: as the address tells, or as a person corrected.

Care Planning, Placement and Case Review (England) Regulations 2010, regulation 11(5).
"""

from dataclasses import dataclass

from directory.country.authorities.former import standing_today
from directory.country.rules.relation import Relation, area_of, relation_of
from directory.notices.sending import home_in_directory
from federation import Node, reading


@dataclass(frozen=True, slots=True)
class Where:
    """An area (GSS code) and its relation to the placing authority; None is not known."""

    area: str | None
    relation: Relation | None
    corrected: bool = False


def area_told_by(node: Node, address: str | None, urn: str | None) -> str | None:
    """Whose area it is by the postcode in an address, else by where the directory has the home."""
    if address and (area := area_of(address)):
        return standing_today(area)
    if not urn:
        return None
    with reading(node.replica) as replica:
        home = home_in_directory(replica, urn)
    return min(home.areas) if home and len(home.areas) == 1 else None


def where_is(
    node: Node,
    authority: str,
    *,
    told: str | None,
    area: str | None = None,
    relation: Relation | None = None,
) -> Where:
    """Where a placement of an authority is: `told` by the address; `area` and `relation` are what a
    person says instead. What only fills a gap is no correction. Raises WrongChange.
    """
    counts = area or told
    follows = relation_of(node.folder, authority, counts) if counts else None
    corrected = bool(area and told and area != told) or bool(relation and relation != follows)
    return Where(counts, relation or follows, corrected)
