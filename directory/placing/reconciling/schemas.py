"""The form with which somebody brings a return."""

from marshmallow import ValidationError, fields, validate, validates

from directory.country.ssda903.codes import YEARS
from directory.security.rights.service import LONGEST_REASON, SHORTEST_REASON
from directory.web.forms import Form
from protocols.publication import Publication

_ANY = "any"
CHOICES = {
    _ANY: "Any year",
    **{str(year): f"{year - 1}-{year % 100:02}" for year in reversed(YEARS)},
}
"""The years of a return, by the value in the form."""


class ReturnForm(Form):
    """Why somebody reconciles, and of which year the return is. The files are beside it."""

    reason = fields.String(
        required=True,
        error_messages={"required": "Say why you reconcile"},
        metadata={"publication": Publication.AUTHORITY},
    )
    year = fields.String(
        load_default=_ANY,
        validate=validate.OneOf(CHOICES, error="Choose a year"),
        metadata={"publication": Publication.AUTHORITY},
    )

    @validates("reason")
    def _is_said(self, reason: str, **_: object) -> None:
        if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
            raise ValidationError(f"Say why in {SHORTEST_REASON} to {LONGEST_REASON} characters")


def year_of(value: str) -> int | None:
    """The year that a choice stands for; None for any."""
    return None if value == _ANY else int(value)
