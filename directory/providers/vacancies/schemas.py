"""The form of vacancies: a row for each home, checked, or answered with what to change in it."""

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any

from marshmallow import ValidationError, fields, validate

from directory.providers.vacancies.rules import FARTHEST_AHEAD
from directory.providers.vacancies.saying import OwnVacancy, days_from
from directory.web.forms import Form
from protocols.publication import Publication
from protocols.vacancies import Vacancy

NAMES = ("beds", "free_from", "sex", "youngest", "oldest", "emergency")
_OURS = {"publication": Publication.AUTHORITY}
_SPELLINGS = ("%Y-%m-%d", "%d/%m/%Y", "%d %m %Y", "%d.%m.%Y", "%d %B %Y", "%d %b %Y")
OLDEST = 25
MOST_BEDS = 500
SEXES = {"girls": "Girls", "boys": "Boys", "any": "Girls or boys"}


class _Number(fields.Integer):
    def __init__(self, most: int, message: str) -> None:
        self._message = message
        super().__init__(validate=validate.Range(0, most, error=message), metadata=_OURS)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        if not re.fullmatch("[0-9]{1,4}", value):
            raise ValidationError(self._message)
        return int(value)


class _Day(fields.Field[date]):
    def _deserialize(self, value: Any, *_: Any, **__: Any) -> date:
        for spelling in _SPELLINGS:
            with suppress(ValueError):
                return datetime.strptime(value, spelling).date()  # noqa: DTZ007 - a day, no moment
        raise ValidationError("The day must be a real date, such as 31/3/2027")


class RowForm(Form):
    """What is typed of one home. Without a number of beds, nothing is said of it."""

    beds = _Number(MOST_BEDS, "Beds must be a whole number, such as 2, or 0")
    free_from = _Day(metadata=_OURS)
    sex = fields.String(
        validate=validate.OneOf(tuple(SEXES), error="Choose girls, boys, or any"), metadata=_OURS
    )
    youngest = _Number(OLDEST, f"An age must be a whole number from 0 to {OLDEST}")
    oldest = _Number(OLDEST, f"An age must be a whole number from 0 to {OLDEST}")
    emergency = fields.Boolean(
        truthy={"yes", "Yes", "YES", "y", "Y"},
        falsy={"no", "No", "NO", "n", "N"},
        error_messages={"invalid": "Say yes or no to emergencies"},
        metadata=_OURS,
    )


def read_rows(
    homes: list[OwnVacancy], typed: Mapping[str, str], today: date
) -> tuple[dict[str, Vacancy | None], dict[str, str]]:
    """What the form says by URN, and what to change by the field's id, such as `beds-SC012345`."""
    said: dict[str, Vacancy | None] = {}
    problems: dict[str, str] = {}
    for own in homes:
        if own.is_asked or own.known is None or own.known.places is None:
            continue
        urn = own.home.urn
        row = {name: typed.get(f"{name}-{urn}", "") for name in NAMES}
        try:
            said[urn] = vacancy_of(urn, own.known.places, RowForm().load(row), today)
        except ValidationError as error:
            problems |= {
                f"{name}-{urn}": f"{why[0]} ({urn})" for name, why in error.messages_dict.items()
            }
    return said, problems


def vacancy_of(urn: str, places: int, row: dict[str, Any], today: date) -> Vacancy | None:
    """What is said of a home with so many registered places, by the fields of the form; None where
    nothing is. Raises ValidationError by field.
    """
    if "beds" not in row:
        if any(row.values()):
            raise ValidationError({"beds": ["Enter how many beds are free, or 0"]})
        return None
    if row["beds"] > places:
        raise ValidationError({"beds": [f"The home is registered for {places} children, not more"]})
    if row["beds"] == 0:
        return Vacancy(urn, 0, today)
    if "free_from" in row and abs(row["free_from"] - today) > FARTHEST_AHEAD:
        raise ValidationError({"free_from": ["The day must be within a year from now"]})
    ages = row.get("youngest"), row.get("oldest")
    if ages[0] is not None and ages[1] is not None and ages[0] > ages[1]:
        raise ValidationError({"oldest": ["The oldest age must not be below the youngest"]})
    return Vacancy(
        urn,
        row["beds"],
        today,
        free_from=days_from(row.get("free_from"), today),
        sex=row.get("sex"),
        youngest=ages[0],
        oldest=ages[1],
        emergency=row.get("emergency", False),
    )


def typed_of(homes: list[OwnVacancy]) -> dict[str, str]:
    """The form as it stands now, by the field's id."""
    found: dict[str, str] = {}
    for own in homes:
        for name in NAMES if own.said else ():
            value = getattr(own.said, name)
            shown = "yes" if value is True else "" if value in (None, False) else str(value)
            found[f"{name}-{own.home.urn}"] = "0" if name == "beds" and not value else shown
    return found
