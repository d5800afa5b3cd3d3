"""How long what a node holds is kept, by table: `periods.toml`, and the nation's rules behind it.

Care Planning, Placement and Case Review (England) Regulations 2010, regulation 50; what other
periods rest on stands beside each of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.toml import decode

from directory.country.authorities.service import Nation
from directory.country.rules.table import Retention, rules_in
from directory.privacy.retention.errors import BrokenSchedule

_Text = Annotated[str, Meta(min_length=3)]
_ADULT = 18
_STARTS = {"birth": "the child's birth", "sent": "the day on which it was sent"}


class Period(Struct, frozen=True, forbid_unknown_fields=True):
    """How long tables are kept: by a `rule` of the nation's table, or as it `says`."""

    of: _Text
    ends: Literal["schedule", "itself", "somebody", "with", "never"]
    tables: tuple[str, ...]
    rule: str | None = None
    says: _Text | None = None
    source: _Text | None = None
    hours: Annotated[int, Meta(ge=1)] | None = None
    minutes: Annotated[int, Meta(ge=1)] | None = None

    @property
    def lasts(self) -> timedelta | None:
        """How long what ends by itself lasts, where that is counted."""
        if self.hours is None and self.minutes is None:
            return None
        return timedelta(hours=self.hours or 0, minutes=self.minutes or 0)


@dataclass(frozen=True, slots=True)
class Line:
    """A period in words."""

    name: str
    of: str
    says: str
    source: str
    ends: str
    tables: tuple[str, ...]


@cache
def periods() -> Mapping[str, Period]:
    """The periods by name, in the order of the file. Raises BrokenSchedule."""
    text = (resources.files("directory.privacy.retention") / "periods.toml").read_bytes()
    found = decode(text, type=dict[str, Period])
    for name, one in found.items():
        if (one.rule is None) is not (one.says is not None and one.source is not None):
            raise BrokenSchedule(f"{name} has neither a rule nor words of its own. Give it one.")
    return MappingProxyType(found)


def in_words(nation: Nation) -> list[Line]:
    """The schedule as an authority of a nation keeps to it, in the order of the file."""
    lines = []
    for name, one in periods().items():
        says, source = one.says or "", one.source or ""
        if one.rule is not None:
            rule = rules_in(nation).kept(one.rule)
            says, source = _says(rule), rule.source
        lines.append(Line(name, one.of, says, source, one.ends, one.tables))
    return lines


def due_on(name: str, start: date, nation: Nation, died_on: date | None = None) -> date:
    """The day on which a record of a child is due, by the rule of a period; `start` is the birthday
    or the day on which it was sent, as that rule counts. A child who died on a day before 18 may
    have a time of their own (2010 regulation 50(1)(b)).
    """
    rule = rules_in(nation).kept(periods()[name].rule or "")
    if rule.years_after_death and died_on and died_on < _years_after(start, _ADULT):
        return _years_after(died_on, rule.years_after_death)
    return _years_after(start, rule.years)


def _says(rule: Retention) -> str:
    said = f"{rule.years} {'year' if rule.years == 1 else 'years'} from {_STARTS[rule.starts]}"
    if rule.years_after_death:
        said += f"; {rule.years_after_death} from the death of a child who died before 18"
    return said


def _years_after(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
