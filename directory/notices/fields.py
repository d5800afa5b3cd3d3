"""What people type, as a form's field takes it: a line, a document, a day in three parts.

Text that is pasted from elsewhere brings marks that nobody sees (of direction, of no width, control
characters). They are left out, since a notice may not carry them, and what is sent is shown first.
"""

import re
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, validate

from protocols.publication import Publication
from protocols.records import HIDDEN

LONGEST_LINE = 300
LONGEST_DOCUMENT = 60_000
PARTS = ("day", "month", "year")

_UNSEEN = re.compile(rf"[\x00-\x08\x0b\x0c\x0e-\x1f{HIDDEN}]")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


class LineField(fields.String):
    """One line. `missing` asks for it; `name` begins a sentence: "Given name"."""

    def __init__(self, missing: str, name: str, publication: Publication, **known: Any) -> None:
        super().__init__(
            required=known.pop("required", True),
            error_messages={"required": missing},
            validate=[
                validate.Length(
                    max=LONGEST_LINE, error=f"{name} must be {LONGEST_LINE} characters or fewer"
                ),
                *known.pop("validate", ()),
            ],
            metadata={"publication": publication},
            **known,
        )


class DocumentField(fields.String):
    """Paragraphs. `missing` asks for them; `name` begins a sentence."""

    def __init__(self, missing: str, name: str) -> None:
        too_long = f"{name} must be {LONGEST_DOCUMENT:,} characters or fewer"
        super().__init__(
            required=True,
            error_messages={"required": missing},
            validate=validate.Length(max=LONGEST_DOCUMENT, error=too_long),
            metadata={"publication": Publication.CHILD},
        )


class DayField(fields.Field[date]):
    """A day in three parts, with GOV.UK's words for what is wrong with it.

    `missing` asks for it; `name` begins a sentence: "Date of birth".
    """

    def __init__(self, missing: str, name: str, publication: Publication) -> None:
        super().__init__(
            required=True,
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


def cleaned(text: str) -> str:
    """What was typed, without what nobody sees; lines end with a line feed."""
    return _UNSEEN.sub("", re.sub(r"\r\n?", "\n", text)).strip()


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,4}", text) else 0


def _month(text: str) -> int:
    """A month's number, also from its name: people paste dates."""
    return _number(text) or (text[:3].lower() in _MONTHS and _MONTHS.index(text[:3].lower()) + 1)
