"""Where each authority lies: one coarse point, the middle of its postcodes.

Source: positions.csv beside this file, see README.md there.
"""

import csv
from functools import cache
from importlib import resources

from directory.authorities.service import by_gss
from directory.reference.grid import Point


def position(gss: str) -> Point:
    """The mean of the authority's postcodes, to 100 m. Raises UnknownAuthority."""
    return _positions()[by_gss(gss).gss]


@cache
def _positions() -> dict[str, Point]:
    table = resources.files("directory.reference").joinpath("positions.csv")
    with table.open(encoding="utf-8") as lines:
        return {
            row["gss"]: Point(int(row["easting"]), int(row["northing"]))
            for row in csv.DictReader(lines)
        }
