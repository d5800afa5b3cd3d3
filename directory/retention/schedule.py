"""How long what a node holds is kept: `periods.toml`, read and checked, and the days it comes to.

Care Planning, Placement and Case Review (England) Regulations 2010, regulation 50; what other
periods rest on stands beside each of them.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

GROWN_UP = 18
_FILE = Path(__file__).parent / "periods.toml"
_Text = Annotated[str, Meta(min_length=3)]


class Period(Struct, frozen=True, forbid_unknown_fields=True, rename={"counts_from": "from"}):
    """How long something is kept. `years` count from `counts_from`; `ends` says who ends it."""

    says: _Text
    of: _Text
    ends: Literal["schedule", "itself", "somebody", "with", "never"]
    source: _Text
    tables: tuple[str, ...]
    counts_from: str | None = None
    years: Annotated[int, Meta(ge=1)] | None = None
    hours: Annotated[int, Meta(ge=1)] | None = None
    minutes: Annotated[int, Meta(ge=1)] | None = None

    @property
    def lasts(self) -> timedelta | None:
        """How long what ends by itself lasts."""
        if self.hours is None and self.minutes is None:
            return None
        return timedelta(hours=self.hours or 0, minutes=self.minutes or 0)


@cache
def periods() -> Mapping[str, Period]:
    """The periods by name, in the order of the file."""
    found = msgspec.toml.decode(_FILE.read_bytes(), type=dict[str, Period])
    return MappingProxyType(found)


def case_record_until(born: date) -> date:
    """The day on which a child's case record is due at the placing authority."""
    return _years_after(born, _years("case-record"))


def area_record_until(born: date, ended: date | None) -> date:
    """The day on which what an area authority was told is due. Where nobody has told it of an end,
    the placement ended with the child's 18th birthday at the latest."""
    grown_up = _years_after(born, GROWN_UP)
    return _years_after(min(ended or grown_up, grown_up), _years("area-record"))


def reasons_since(today: date) -> date:
    """The first day of which the audit still keeps the reasons."""
    return _years_after(today, -_years("reason"))


def _years(name: str) -> int:
    if (years := periods()[name].years) is None:
        raise ValueError(f"{name} counts no years")
    return years


def _years_after(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
