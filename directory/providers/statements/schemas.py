"""The forms of a statement of purpose. Each message is fit to be shown beside its field."""

from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from directory.web.forms import DayField, Form, ProseField
from protocols.publication import Publication
from protocols.statements import LONGEST_PASSAGE

_AUTHORITY = {"publication": Publication.AUTHORITY}


class SectionForm(Form):
    """What is written about a matter, or that it does not apply."""

    text = ProseField(
        load_default="",
        validate=validate.Length(
            max=LONGEST_PASSAGE, error=f"Write {LONGEST_PASSAGE:,} characters or fewer"
        ),
        metadata=_AUTHORITY,
    )
    absent = fields.String(load_default="", metadata=_AUTHORITY)
    mark = fields.String(load_default="", metadata=_AUTHORITY)
    then = fields.String(load_default="", metadata=_AUTHORITY)


class DatesForm(Form):
    """When the statement was revised and reviewed; loads the two days."""

    revised_on = DayField(
        "Enter the day on which the statement was last revised", "Revision", Publication.AUTHORITY
    )
    reviewed_on = DayField(
        "Enter the day on which the statement was last reviewed", "Review", Publication.AUTHORITY
    )

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today = today

    @validates_schema(skip_on_field_errors=True)
    def _in_order(self, days: dict[str, date], **_: Any) -> None:
        for name, what in (("revised_on", "revision"), ("reviewed_on", "review")):
            if days[name] > self._today:
                raise ValidationError(f"The {what} must be today or in the past", name)
        if days["reviewed_on"] < days["revised_on"]:
            raise ValidationError(
                "The review must be on the day of the revision or later", "reviewed_on"
            )


class ToldForm(Form):
    """When Ofsted was sent the version that is published; loads the day."""

    told_on = DayField(
        "Enter the day on which Ofsted was sent this version", "The day", Publication.AUTHORITY
    )

    def __init__(self, revised_on: date, today: date) -> None:
        super().__init__()
        self._revised_on, self._today = revised_on, today

    @validates_schema(skip_on_field_errors=True)
    def _possible(self, said: dict[str, date], **_: Any) -> None:
        if not self._revised_on <= said["told_on"] <= self._today:
            raise ValidationError(
                "The day must be on or after the revision, and not in the future", "told_on"
            )

    @post_load
    def _day(self, said: dict[str, date], **_: Any) -> date:
        return said["told_on"]
