"""Where each authority and each postcode district lies: the mean of its postcodes; and how an
authority is drawn.

Source: positions.csv, postcode_districts.csv and outlines.csv beside this file, see README.md
there.
"""

import csv
from functools import cache
from importlib import resources

from directory.country.authorities.service import by_gss
from directory.country.reference.grid import Point


def position(gss: str) -> Point:
    """The mean of the authority's postcodes, to 100 m. Raises UnknownAuthority."""
    return authority_positions()[by_gss(gss).gss]


def district_position(district: str) -> Point | None:
    """The mean of a postcode district's postcodes, such as LS1 or BT7, to 100 m; None for none."""
    return district_positions().get(district.strip().upper())


@cache
def authority_positions() -> dict[str, Point]:
    """Each authority's point by its GSS code."""
    return _points("positions.csv")


@cache
def district_positions() -> dict[str, Point]:
    """Each postcode district's point by its name."""
    return _points("postcode_districts.csv")


@cache
def authority_outlines() -> dict[str, list[list[Point]]]:
    """Rings around each authority by its GSS code, with corners on whole kilometres."""
    return {gss: [_ring(ring) for ring in rings.split(";")] for gss, rings in _rows("outlines.csv")}


def _ring(text: str) -> list[Point]:
    kilometres = [int(number) for number in text.split()]
    corners = zip(kilometres[::2], kilometres[1::2], strict=True)
    return [Point(1_000 * easting, 1_000 * northing) for easting, northing in corners]


def _points(name: str) -> dict[str, Point]:
    return {key: Point(int(easting), int(northing)) for key, easting, northing in _rows(name)}


def _rows(name: str) -> list[list[str]]:
    with (
        resources.files("directory.country.reference")
        .joinpath(name)
        .open(encoding="utf-8") as lines
    ):
        return list(csv.reader(lines))[1:]
