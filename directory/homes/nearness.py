"""How far homes are from an authority or a postcode district, in bands of miles, and which stand
where a child has to be kept away from.

Both ends are coarse points: a home's is its authority's and never better, since exact distances
from three places would say where it is. So all homes of an authority are as far. A district may
say where a child's family or danger is: it stands in no address (`SearchQuery.posted`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from pyroaring import BitMap

from directory.country.authorities.former import former_named, former_of, what_became
from directory.country.authorities.service import find
from directory.country.reference.errors import LookUpError, NoPlace, NoPostcode
from directory.country.reference.grid import Band, Point, distance_band
from directory.country.reference.neighbours import land_neighbours
from directory.country.reference.positions import district_position, position
from directory.country.reference.postcodes import authorities_in, look_up, written
from directory.homes.errors import NoSuchPlace
from directory.homes.index import AuthorityChoice, HomeIndex

_NORTHERN_IRELAND = "BT"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where distances are counted from. `code` is a GSS code or a postcode district."""

    code: str
    name: str
    point: Point

    def band(self, authority: str) -> Band:
        """How far the homes of an authority (GSS code) are."""
        return _band(self.point, authority)


@lru_cache(maxsize=65_536)
def _band(point: Point, authority: str) -> Band:
    return distance_band(point, position(authority))


def find_origin(typed: str) -> Origin:
    """The place that somebody means by an authority's name or code, by a postcode district such as
    LS6, or by a whole postcode that there is, of which no more than the district is kept.

    Raises NoSuchPlace, which says what to change and repeats nothing.
    """
    if known := find(typed):
        return Origin(known.gss, known.name, position(known.gss))
    if former := former_of(typed.strip().upper()) or former_named(typed):
        raise NoSuchPlace(f"{what_became(former)}. Enter one that there is")
    try:
        district = written(typed).split()[0]
    except NoPostcode:
        district = typed.strip().upper()
    else:
        if not district.startswith(_NORTHERN_IRELAND):
            _check_that_there_is(typed)
    point = district_position(district)
    if point is None:
        raise NoSuchPlace("Enter an authority, or the first half of a postcode, such as LS6")
    if district.startswith(_NORTHERN_IRELAND):
        raise NoSuchPlace(
            "This postcode is in Northern Ireland, where places are not told by postcode. Enter "
            "the authority instead"
        )
    return Origin(district, district, point)


def read_origin(typed: str) -> Origin | None:
    """As `find_origin`; None for no place."""
    try:
        return find_origin(typed)
    except NoSuchPlace:
        return None


def by_band(index: HomeIndex, origin: Origin) -> Iterator[BitMap]:
    """The claims of each band, the nearest first."""

    def least(authority: AuthorityChoice) -> int:
        return origin.band(authority.gss).least

    for _, same in groupby(sorted(index.authorities.values(), key=least), key=least):
        yield BitMap().union(*(index.having("authority", one.gss) for one in same))


def avoided(origin: Origin) -> frozenset[str]:
    """The authorities that a place lies in: of a postcode district those of all its postcodes."""
    return authorities_in(origin.code) or frozenset({origin.code})


def beside(authorities: Iterable[str]) -> frozenset[str]:
    """The authorities that border on these on land."""
    there = frozenset(authorities)
    return frozenset(gss for one in there for gss in land_neighbours().get(one, ())) - there


def _check_that_there_is(postcode: str) -> None:
    try:
        look_up(postcode)
    except NoPlace:
        raise NoSuchPlace(
            "This postcode has no place, such as a large organisation’s. Enter its first half, "
            "or an authority"
        ) from None
    except LookUpError:
        raise NoSuchPlace(
            "This postcode does not exist. Correct it, or enter its first half or an authority"
        ) from None
