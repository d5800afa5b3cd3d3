"""Where each authority and each postcode district lies: the mean of its postcodes.

Source: positions.csv and postcode_districts.csv beside this file, see README.md there.
"""

import csv
from functools import cache
from importlib import resources

from directory.authorities.service import by_gss
from directory.reference.grid import Point


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


def _points(name: str) -> dict[str, Point]:
    with resources.files("directory.reference").joinpath(name).open(encoding="utf-8") as lines:
        rows = csv.reader(lines)
        next(rows)
        return {key: Point(int(easting), int(northing)) for key, easting, northing in rows}
