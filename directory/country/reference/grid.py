"""Points of the British national grid, and distances between them as statutory returns count them.

Northern Ireland has a grid of its own, from which nothing British may be subtracted, so its points
are put on the British grid first. Both grids are transverse Mercator projections and keep angles,
so a polynomial of complex numbers leads from one to the other. The one below was fitted to the
EPSG's transformations (Irish Grid TM75, 29903, to WGS 84, to British National Grid, 27700) over
Northern Ireland in steps of 5 km, and departs from them by 2 mm at most. They are themselves true
to 2 metres.
"""

from typing import NamedTuple

_METRES_IN_A_MILE = 1609.344
# Powers 0 to 3 of the distance from 275 km east and 375 km north, in units of 100 km.
_BRITISH = (87679.482 + 535490.753j, 99707.246 - 8540.139j, -46.976 + 7.319j, -0.034 - 0.353j)
_BANDS = (20, 50, 100, 200)  # miles; returns ask for 20


class Point(NamedTuple):
    """A place on the British national grid: metres east and north of its origin."""

    easting: float
    northing: float


class Band(NamedTuple):
    """A distance in miles: `least` or more, and less than `below`, if that is not None."""

    least: int
    below: int | None

    def __str__(self) -> str:
        if self.below is None:
            return f"{self.least} miles or more"
        return f"{self.least} to {self.below} miles" if self.least else f"under {self.below} miles"


def from_irish(easting: float, northing: float) -> Point:
    """The point that has this grid reference on the Irish grid, in metres."""
    offset = complex(easting - 275_000, northing - 375_000) / 100_000
    place = sum((factor * offset**power for power, factor in enumerate(_BRITISH)), 0j)
    return Point(place.real, place.imag)


def distance_miles(a: Point, b: Point) -> float:
    """The straight line between two points, in miles, to one decimal, as in the returns on looked
    after children.
    """
    metres = abs(complex(*a) - complex(*b))
    return int(metres / _METRES_IN_A_MILE * 10 + 0.5) / 10


def distance_band(a: Point, b: Point) -> Band:
    """How far apart two coarse points are, in bands.

    A home's distance is only ever told so, and from its authority's point: exact distances from
    three places would say where it is.
    """
    miles = abs(complex(*a) - complex(*b)) / _METRES_IN_A_MILE
    least = max((edge for edge in _BANDS if edge <= miles), default=0)
    return Band(least, next((edge for edge in _BANDS if edge > miles), None))
