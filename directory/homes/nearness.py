"""How far homes are from an authority or a postcode district, in bands of miles.

Both ends are coarse points: a home's is its authority's and never better, since exact distances
from three places would say where it is. So all homes of an authority are as far.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from pyroaring import BitMap

from directory.authorities.service import find
from directory.homes.index import AuthorityChoice, HomeIndex
from directory.reference.errors import LookUpError
from directory.reference.grid import Band, Point, distance_band
from directory.reference.positions import district_position, position
from directory.reference.postcodes import written


@dataclass(frozen=True, slots=True)
class Origin:
    """Where distances are counted from. `code` is a GSS code or a postcode district."""

    code: str
    name: str
    point: Point

    def band(self, authority: str) -> Band:
        """How far the homes of an authority (GSS code) are."""
        return distance_band(self.point, position(authority))


def read_origin(typed: str) -> Origin | None:
    """The place that somebody means by an authority's name or code, by a postcode district such as
    LS6, or by a whole postcode, of which no more than the district is kept; None for no place.
    """
    if known := find(typed):
        return Origin(known.gss, known.name, position(known.gss))
    try:
        district = written(typed).split()[0]
    except LookUpError:
        district = typed.strip().upper()
    point = district_position(district)
    return Origin(district, district, point) if point else None


def by_band(index: HomeIndex, origin: Origin) -> Iterator[BitMap]:
    """The claims of each band, the nearest first."""

    def least(authority: AuthorityChoice) -> int:
        return origin.band(authority.gss).least

    for _, same in groupby(sorted(index.authorities.values(), key=least), key=least):
        yield BitMap().union(*(index.having("authority", one.gss) for one in same))
