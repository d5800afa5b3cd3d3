"""What people type into a form, before it is checked: lines, prose, days in three parts.

Text that is pasted from elsewhere brings marks that nobody sees (of direction, of no width, control
characters). They are left out: records may not carry them, and what is done with a text is shown.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load

from protocols.kinds import HIDDEN
from protocols.publication import Publication

PARTS = ("day", "month", "year")

_UNSEEN = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f{HIDDEN}]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class ProseField(fields.String):
    """A text whose lines are kept."""


class DayField(fields.Field[date]):
    """A day in three parts, with GOV.UK's words for what is wrong with it.

    `missing` asks for it; `name` begins a sentence: "Date of birth".
    """

    def __init__(
        self, missing: str, name: str, publication: Publication, *, required: bool = True
    ) -> None:
        super().__init__(
            required=required,
            error_messages={"required": missing},
            metadata={"publication": publication},
        )
        self._name = name

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        absent = [part for part in PARTS if part not in value]
        if absent:
            raise ValidationError(f"{self._name} must include a {' and a '.join(absent)}")
        numbers = [_number(value["year"]), _month(value["month"]), _number(value["day"])]
        if len(value["year"]) != len("2026"):
            raise ValidationError(f"{self._name}: the year must have 4 numbers")
        try:
            return date(*numbers)
        except ValueError:
            raise ValidationError(f"{self._name} must be a real date") from None


class Form(Schema):
    """A form. What it does not know is ignored, and an empty field is as good as absent."""

    class Meta:
        unknown = EXCLUDE

    @pre_load
    def _clean(self, typed: Mapping[str, str], **_: Any) -> dict[str, Any]:
        """What was typed by field; a day as its parts."""
        found: dict[str, Any] = {}
        for name, field in self.fields.items():
            if isinstance(field, DayField):
                parts = {part: one_line(typed.get(f"{name}-{part}", "")) for part in PARTS}
                value: Any = {part: text for part, text in parts.items() if text}
            elif isinstance(field, ProseField):
                value = cleaned(typed.get(name, ""))
            else:
                value = one_line(typed.get(name, ""))
            if value:
                found[name] = value
        return found

    def problems(self, error: ValidationError) -> dict[str, str]:
        """What to change by field, in the order of the form."""
        said = error.messages_dict
        return {name: said[name][0] for name in self.fields if name in said}

    def typed(self, given: Mapping[str, str]) -> dict[str, str]:
        """What was typed into each field, as it was typed."""
        return {name: given.get(name, "") for name in self._inputs()}

    def _inputs(self) -> list[str]:
        found: list[str] = []
        for name, field in self.fields.items():
            found += [f"{name}-{one}" for one in PARTS] if isinstance(field, DayField) else [name]
        return found


def cleaned(text: str) -> str:
    """What was typed, without what nobody sees; lines end with a line feed."""
    return _UNSEEN.sub("", re.sub(r"\r\n?", "\n", text)).strip()


def one_line(text: str) -> str:
    """The same on one line, with single spaces."""
    return re.sub(r"\s+", " ", cleaned(text)).strip()


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,4}", text) else 0


def _month(text: str) -> int:
    """A month's number, also from its name: people paste dates."""
    return _number(text) or (text[:3].lower() in _MONTHS and _MONTHS.index(text[:3].lower()) + 1)
