"""The forms of a census: its days, and the numbers of one home, an authority a row."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from marshmallow import ValidationError, validates_schema

from directory.country.authorities.service import authority_name, find
from directory.hosting.census.errors import NotUnderstood
from directory.web.forms import DayField, Form, one_line
from protocols.census import CensusCount
from protocols.publication import Publication

ROWS = 12
_MOST = 999
_LONGEST_AGO = timedelta(days=366)


class CensusForm(Form):
    """The day of a census, and by when homes answer."""

    as_at = DayField("Enter the day for which you ask", "The day", Publication.AUTHORITY)
    answer_by = DayField("Enter by when homes answer", "The last day", Publication.AUTHORITY)

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today = today

    @validates_schema(skip_on_field_errors=False)
    def _fits(self, said: dict[str, Any], **_: Any) -> None:
        wrong: dict[str, str] = {}
        as_at, by = said.get("as_at"), said.get("answer_by")
        if as_at and not self._today - _LONGEST_AGO <= as_at <= self._today:
            wrong["as_at"] = "The day must be today or in the year before"
        if by and not self._today <= by <= self._today + _LONGEST_AGO:
            wrong["answer_by"] = "The last day must be today or in the year that follows"
        if wrong:
            raise ValidationError({name: [text] for name, text in wrong.items()})


def read_counts(typed: Mapping[str, str]) -> tuple[CensusCount, ...]:
    """The numbers that were typed; rows without an authority and a number are left out. Raises
    NotUnderstood with the row and what to change.
    """
    found: dict[str, CensusCount] = {}
    for row in range(1, ROWS * 2 + 1):
        named = one_line(typed.get(f"authority-{row}", ""))[:120]
        numbers = [one_line(typed.get(f"{of}-{row}", "")) for of in ("children", "adults")]
        if not named and not any(numbers):
            continue
        known = find(named)
        if known is None:
            raise NotUnderstood(f"Row {row}: choose the authority from the list")
        if known.gss in found:
            raise NotUnderstood(f"Row {row}: {known.name} stands in another row already")
        if not all(one == "" or (one.isdecimal() and int(one) <= _MOST) for one in numbers):
            raise NotUnderstood(f"Row {row}: numbers must be whole, from 0 to {_MOST}")
        children, adults = (int(one or 0) for one in numbers)
        if children or adults:
            found[known.gss] = CensusCount(known.gss, children, adults)
    return tuple(found.values())


def typed_of(counts: Iterable[CensusCount]) -> dict[str, str]:
    """The rows as they would have been typed."""
    typed: dict[str, str] = {}
    for row, one in enumerate(counts, 1):
        typed[f"authority-{row}"] = authority_name(one.authority)
        typed[f"children-{row}"] = str(one.children)
        typed[f"adults-{row}"] = str(one.adults or "")
    return typed
