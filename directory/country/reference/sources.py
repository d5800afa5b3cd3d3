"""Where each table comes from, of which day it is, under which licence."""

import calendar
import re
from datetime import date
from importlib.metadata import PackageNotFoundError, metadata, version
from typing import NamedTuple

from directory.country.authorities.former import former_authorities
from directory.country.authorities.service import NATIONS, all_authorities
from directory.country.reference.derive import by_hand
from directory.country.reference.neighbours import land_neighbours
from directory.country.reference.positions import (
    authority_outlines,
    authority_positions,
    district_positions,
)
from directory.country.reference.postcode_files import PACKAGE
from directory.country.reference.working_days import bank_holidays

DERIVED_FROM = date(2025, 11, 30)  # the postcode directory that `make reference` was last run with
OGL = "Open Government Licence v3.0"
_ONS = "Office for National Statistics"
_EDITION = re.compile(r"NSPD_([A-Z]{3})_([0-9]{4})")


class Source(NamedTuple):
    """A table; `as_at` is the day on which it was true, None where nobody says; `rows` counts."""

    table: str
    source: str
    as_at: date | None
    licence: str
    rows: int


def postcodes_as_at() -> date | None:
    """The last day of the month of the installed postcode directory, by its own description."""
    try:
        found = _EDITION.search(str(metadata(PACKAGE).json.get("description", "")))
    except PackageNotFoundError:
        return None
    months = [month.upper() for month in calendar.month_abbr]
    if not found or found[1] not in months:
        return None
    year, month = int(found[2]), months.index(found[1])
    return date(year, month, calendar.monthrange(year, month)[1])


def sources(year: int, postcodes: int) -> list[Source]:
    """All tables; bank holidays are counted for this year, `postcodes` were."""
    directory = f"{_ONS}, ONS Postcode Directory"
    neighbours = sum(map(len, land_neighbours().values())) // 2
    holidays = sum(len(bank_holidays(nation, year)) for nation in NATIONS)
    return [
        Source("authorities", f"{_ONS}, codes", DERIVED_FROM, OGL, len(all_authorities())),
        Source(
            "former authorities", f"{_ONS}, codes", DERIVED_FROM, OGL, len(former_authorities())
        ),
        Source("positions", directory, DERIVED_FROM, OGL, len(authority_positions())),
        Source("postcode districts", directory, DERIVED_FROM, OGL, len(district_positions())),
        Source("neighbours", f"{directory}, and by hand", DERIVED_FROM, OGL, neighbours),
        Source("neighbours by hand", "maps", DERIVED_FROM, "of this software", len(by_hand())),
        Source("outlines", directory, DERIVED_FROM, OGL, len(authority_outlines())),
        Source(
            "postcodes",
            f"{directory}, package {PACKAGE} {version(PACKAGE)}",
            postcodes_as_at(),
            OGL,
            postcodes,
        ),
        Source(
            f"bank holidays {year}",
            f"package holidays {version('holidays')}",
            None,
            "MIT",
            holidays,
        ),
    ]
