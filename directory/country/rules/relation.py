"""How a placement lies: in the authority's own area, in an adjoining one, or at a distance.

Care Planning, Placement and Case Review (England) Regulations 2010, regulation 11(5): at a distance
is outside the area of the responsible authority and not within the area of any adjoining one. It
follows from the authority of the address and from the neighbours' table, and a person who knows
better says otherwise, with a reason, where the placement is kept.
"""

import re
from pathlib import Path
from typing import Literal, TypeAlias

from directory.country.reference.errors import NoPlace, NoPostcode, UnknownPostcode
from directory.country.reference.neighbours import neighbours
from directory.country.reference.postcodes import look_up

Relation: TypeAlias = Literal["in area", "out of area", "at a distance"]

# The whole postcode, wherever it stands in a line; case and the space between are people's own.
_POSTCODE = re.compile(r"\b([A-Z]{1,2}[0-9][0-9A-Z]?)\s?([0-9][A-Z]{2})\b", re.IGNORECASE)


def relation_of(data_dir: Path, placing: str, area: str | None) -> Relation:
    """How a placement in an area (GSS code) lies to the authority that makes it. None is an area of
    no authority, as abroad: at a distance. Raises WrongChange, see `neighbours`.
    """
    if area == placing:
        return "in area"
    near = neighbours(data_dir).get(placing, frozenset())
    return "out of area" if area in near else "at a distance"


def area_of(address: str) -> str | None:
    """The GSS code of the authority that answers where an address is, by the last postcode in it;
    None where it has none that is known.
    """
    for found in reversed(list(_POSTCODE.finditer(address[:2_000]))):
        try:
            return look_up(f"{found[1]} {found[2]}").authority.gss
        except (NoPostcode, UnknownPostcode, NoPlace):
            continue
    return None
