"""The form of an import: as of which day what a file says was so."""

from datetime import date
from typing import Any

from marshmallow import ValidationError, validates_schema

from directory.web.forms import DayField, Form
from protocols.publication import Publication


class AsAtForm(Form):
    """The last day of a return's period, or the day on which a sheet was saved."""

    as_at = DayField(
        "Enter the day on which what the file says was so", "Day", Publication.AUTHORITY
    )

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today = today

    @validates_schema
    def _is_past(self, said: dict[str, Any], **_: Any) -> None:
        if said["as_at"] > self._today:
            raise ValidationError("Day must be today or in the past", "as_at")
