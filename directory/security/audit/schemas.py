"""The form that narrows the audit: days, and parts of who, what and which record."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from directory.country.reference.working_days import LONDON
from directory.web.forms import DayField, Form
from protocols.publication import Publication

LONGEST = 120
_AUTHORITY = Publication.AUTHORITY


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """Which rows: `until` is exclusive; a text is part of what is looked for, empty for all."""

    since: datetime | None = None
    until: datetime | None = None
    by: str = ""
    done: str = ""
    record: str = ""


def _part() -> fields.String:
    long = f"Look for {LONGEST} characters or fewer"
    return fields.String(
        validate=validate.Length(max=LONGEST, error=long), metadata={"publication": _AUTHORITY}
    )


class AuditForm(Form):
    """Loads an `AuditFilter`; its days are those of the United Kingdom."""

    first = DayField("", "First day", _AUTHORITY, required=False)
    last = DayField("", "Last day", _AUTHORITY, required=False)
    by = _part()
    done = _part()
    record = _part()

    @validates_schema
    def _in_order(self, said: dict[str, Any], **_: Any) -> None:
        if "first" in said and "last" in said and said["last"] < said["first"]:
            raise ValidationError("Last day must be the same as or after the first day", "last")
        if said.get("last") == date.max:
            raise ValidationError("Last day must be a day that can come", "last")

    @post_load
    def _filter(self, said: dict[str, Any], **_: Any) -> AuditFilter:
        first, last = said.pop("first", None), said.pop("last", None)
        return AuditFilter(
            since=_start(first) if first else None,
            until=_start(last + timedelta(days=1)) if last else None,
            **said,
        )


def _start(day: date) -> datetime:
    """The moment at which a day begins. Long before there was an audit, in no particular zone."""
    return datetime.combine(max(day, date(1900, 1, 1)), time.min, LONDON)
