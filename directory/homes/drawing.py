"""A map of what a search found: each authority with how many homes stand there, as shapes and as
rows of the table beside it.

It is drawn from `directory.country.reference.positions.authority_outlines`. A home is nowhere on it
but in its authority, since it is published no closer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from directory.country.authorities.service import Authority, all_authorities, by_gss
from directory.country.reference.grid import Point
from directory.country.reference.positions import authority_outlines, position
from directory.homes.nearness import beside

SHADES = (1, 5, 10, 20, 50)
"""The least number of homes of each shade but the palest, which has none."""
_KM = 1_000
_MARGIN = 4.0  # kilometres
_ROOM = 0.035  # of the width of the map, as wide as an area has to be for its number
_LETTERS = 0.022  # of the width of the map


@dataclass(frozen=True, slots=True)
class Area:
    """An authority on the map. `homes` is None where it was not asked for, so that it is drawn as
    what lies around. `path` is in kilometres, `label` is where its number stands, if it has room.
    """

    authority: Authority
    homes: int | None
    kept_away: bool
    path: str
    shade: int
    label: tuple[float, float] | None

    @property
    def says(self) -> str:
        """Such as "Kent: 24 homes"."""
        many = f"{self.homes:,} home{'' if self.homes == 1 else 's'}"
        return f"{self.authority.name}: {'left out' if self.kept_away else many}"


@dataclass(frozen=True, slots=True)
class Drawing:
    """`view_box` as SVG takes it; those `around` are drawn and not asked for."""

    view_box: str
    letters: float
    areas: list[Area]
    around: list[Area]


def draw(counts: Mapping[str, int], asked: frozenset[str], kept_away: frozenset[str]) -> Drawing:
    """The authorities that were asked for, and how many homes stand in each."""
    corners = [corner for gss in asked for ring in authority_outlines()[gss] for corner in ring]
    west = min(at.easting for at in corners) / _KM - _MARGIN
    east = max(at.easting for at in corners) / _KM + _MARGIN
    south = min(at.northing for at in corners) / _KM - _MARGIN
    north = max(at.northing for at in corners) / _KM + _MARGIN
    width = max(east - west, north - south)

    def area(gss: str, homes: int | None) -> Area:
        return Area(
            authority=by_gss(gss),
            homes=homes,
            kept_away=gss in kept_away,
            path=_path(gss),
            shade=sum(least <= (homes or 0) for least in SHADES),
            label=_label(gss) if homes and _size(gss) > (_ROOM * width) ** 2 else None,
        )

    return Drawing(
        view_box=f"{west:g} {-north:g} {east - west:g} {north - south:g}",
        letters=round(_LETTERS * width, 1),
        areas=[area(gss, counts.get(gss, 0)) for gss in sorted(asked, key=_by_name)],
        around=[area(gss, None) for gss in sorted(beside(asked))],
    )


def asked_for(region: str | None, authority: str | None, present: frozenset[str]) -> frozenset[str]:
    """The authorities that a map shows: the one that was chosen, those of a region, or those of the
    nations in which homes are `present`.
    """
    if authority:
        return frozenset({authority})
    nations = {by_gss(gss).nation for gss in present}
    return frozenset(
        one.gss
        for one in all_authorities()
        if (one.region == region if region else one.nation in nations)
    )


def _by_name(gss: str) -> str:
    return by_gss(gss).name


@cache
def _path(gss: str) -> str:
    """Its rings in whole kilometres, downwards, each corner counted from the one before."""
    drawn = []
    for ring in authority_outlines()[gss]:
        last = Point(0, 0)
        steps = []
        for corner in ring[:-1]:
            east, north = corner.easting - last.easting, corner.northing - last.northing
            steps.append(f"{east / _KM:g} {-north / _KM:g}")
            last = corner
        drawn.append(f"M{steps[0]}l{' '.join(steps[1:])}z")
    return "".join(drawn)


@cache
def _size(gss: str) -> float:
    """Square kilometres of its largest part."""
    return max(
        abs(
            sum(
                one.easting * other.northing - other.easting * one.northing
                for one, other in pairwise(ring)
            )
        )
        for ring in authority_outlines()[gss]
    ) / (2 * _KM * _KM)


def _label(gss: str) -> tuple[float, float]:
    at = position(gss)
    return at.easting / _KM, -at.northing / _KM
