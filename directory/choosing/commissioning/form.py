"""The form in which an officer says what an authority wants: parts, some of them repeated.

The fields of a part stand in the page as `<part>-<field>`, those of a repeated one as
`<part>-<number>-<field>`, from 1. A part of which nothing is filled in says nothing.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from marshmallow import ValidationError
from msgspec import Struct

from directory.choosing.commissioning.parts import (
    DemandForm,
    FrameworkForm,
    OfficeForm,
    PlannedForm,
    StatementForm,
)
from directory.intake.screening.service import findings, free_texts
from directory.web.forms import PARTS, Form
from protocols.commissioning import MAX_FRAMEWORKS, MAX_PLANNED, Commissioning

MOST = {"frameworks": MAX_FRAMEWORKS, "calendar": MAX_PLANNED}
"""The repeated parts, and how often each may stand in a record."""

_SINGLE: dict[str, type[Any]] = {
    "referrals": OfficeForm,
    "notices": OfficeForm,
    "statement": StatementForm,
    "demand": DemandForm,
}
_REPEATED: dict[str, type[Form]] = {"frameworks": FrameworkForm, "calendar": PlannedForm}
_REQUIRED = ("referrals", "notices")


class CommissioningForm:
    """What was typed, by part: kept as it was typed, whatever is wrong with it."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = dict(typed)
        self.counts = {part: max(1, _count(typed, part)) for part in MOST}

    def add(self, part: str) -> None:
        """One more of a repeated part, if there may be."""
        self.counts[part] = min(self.counts[part] + 1, MOST[part])

    def remove(self, part: str, number: int) -> None:
        """One less of a repeated part; those after it move up."""
        kept = [self._given(f"{part}-{n}") for n in self.numbers(part) if n != number]
        self.typed = {
            name: value for name, value in self.typed.items() if not name.startswith(f"{part}-")
        }
        for n, given in enumerate(kept, 1):
            self.typed |= {f"{part}-{n}-{name}": value for name, value in given.items()}
        self.counts[part] = max(1, len(kept))

    def read(self, authority: str, today: date) -> Commissioning:
        """The record. Raises ValidationError with what to change, by the name of each field."""
        problems: dict[str, str] = {}
        single = {
            part: self._part(part, kind(), problems, required=part in _REQUIRED)
            for part, kind in _SINGLE.items()
        }
        filled = {part: self._filled(part, problems) for part in MOST}
        names: set[str] = set()
        for place, framework in filled["frameworks"].items():
            if framework.name in names:
                problems[f"{place}-name"] = f"{framework.name} stands above already"
            names.add(framework.name)
        if problems:
            raise ValidationError({name: [said] for name, said in problems.items()})
        record = Commissioning(
            authority=authority,
            as_at=today,
            frameworks=tuple(filled["frameworks"].values()),
            calendar=tuple(filled["calendar"].values()),
            **single,
        )
        self._screen(record, filled)
        return record

    def problems(self, error: ValidationError) -> dict[str, str]:
        """What to change by field, in the order of the form."""
        said = error.messages_dict
        order = ["referrals", "notices", "statement", "frameworks", "calendar", "demand"]
        names = sorted(said, key=lambda name: order.index(name.partition("-")[0]))
        return {name: said[name][0] for name in names}

    def numbers(self, part: str) -> range:
        """The numbers that a repeated part has in the form."""
        return range(1, self.counts[part] + 1)

    def _given(self, place: str) -> dict[str, str]:
        start = f"{place}-"
        return {
            name.removeprefix(start): value
            for name, value in self.typed.items()
            if name.startswith(start)
        }

    def _part(
        self, place: str, form: Form, problems: dict[str, str], *, required: bool = False
    ) -> Any:
        given = self._given(place)
        if not required and not any(value.strip() for value in given.values()):
            return None
        try:
            return form.load(given)
        except ValidationError as error:
            said = form.problems(error)
            whose = f" for {place}" if place in _REQUIRED else ""
            problems |= {f"{place}-{name}": why + whose for name, why in said.items()}
            return None

    def _filled(self, part: str, problems: dict[str, str]) -> dict[str, Any]:
        """What stands in a repeated part, by its place in the form."""
        read = {
            f"{part}-{number}": self._part(f"{part}-{number}", _REPEATED[part](), problems)
            for number in self.numbers(part)
        }
        return {place: one for place, one in read.items() if one is not None}

    def _screen(self, record: Commissioning, filled: Mapping[str, Mapping[str, Any]]) -> None:
        """Raise ValidationError beside each text that must not be published."""
        problems: dict[str, list[str]] = {}
        for place, found in findings(free_texts(record)):
            part, *number, name = place.split(".")
            where = list(filled[part])[int(number[0]) - 1] if number else part
            said = f"Characters {found.start + 1} to {found.end}: {found.reason}"
            problems.setdefault(f"{where}-{name}", [said])
        if problems:
            raise ValidationError(problems)


def typed_of(record: Commissioning) -> dict[str, str]:
    """A record as it stands in the form."""
    typed = _texts("referrals", record.referrals) | _texts("notices", record.notices)
    typed |= _texts("statement", record.statement)
    repeated: dict[str, Sequence[Struct]] = {
        "frameworks": record.frameworks,
        "calendar": record.calendar,
    }
    for part, several in repeated.items():
        for number, one in enumerate(several, 1):
            typed |= _texts(f"{part}-{number}", one)
    if record.demand:
        typed |= _texts("demand", record.demand)
        typed |= {f"demand-{one.need}": str(one.children or "<5") for one in record.demand.totals}
    return typed


def _texts(place: str, one: Struct | None) -> dict[str, str]:
    typed: dict[str, str] = {}
    for name in one.__struct_fields__ if one else ():
        match getattr(one, name):
            case date() as day:
                values = (str(day.day), str(day.month), str(day.year))
                typed |= {
                    f"{place}-{name}-{part}": v for part, v in zip(PARTS, values, strict=True)
                }
            case True:
                typed[f"{place}-{name}"] = "yes"
            case str(text):
                typed[f"{place}-{name}"] = text
    return typed


def _count(typed: Mapping[str, str], part: str) -> int:
    """The highest number that a repeated part has in a form."""
    numbers = (name.split("-")[1] for name in typed if name.startswith(f"{part}-"))
    known = {int(one) for one in numbers if one.isascii() and one.isdigit() and len(one) < 3}
    return min(max(known, default=0), MOST[part])
