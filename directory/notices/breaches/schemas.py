"""The forms with which a governance officer settles a breach."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from directory.notices.fields import TextField
from directory.web.forms import Form
from protocols.publication import Publication

_CONFIDENTIAL = Publication.CONFIDENTIAL


class DecisionForm(Form):
    """Loads the Commissioner's reference, or why it is not reported: one of them, never both."""

    reported = fields.String(
        required=True,
        validate=validate.OneOf(("yes", "no"), error="Say whether it was reported"),
        error_messages={"required": "Say whether it was reported"},
        metadata={"publication": _CONFIDENTIAL},
    )
    reference = fields.String(
        load_default="",
        validate=validate.Length(max=60, error="Reference must be 60 characters or fewer"),
        metadata={"publication": _CONFIDENTIAL},
    )
    why_not = TextField("", "Reason", _CONFIDENTIAL, required=False, load_default="")

    @validates_schema
    def _is_said(self, said: dict[str, Any], **_: Any) -> None:
        if said["reported"] == "yes" and not said["reference"]:
            raise ValidationError("Enter the reference that the Commissioner gave", "reference")
        if said["reported"] == "no" and not said["why_not"]:
            raise ValidationError("Say why it is not reported", "why_not")

    @post_load
    def _one_of_them(self, said: dict[str, Any], **_: Any) -> dict[str, str | None]:
        yes = said["reported"] == "yes"
        return {
            "reference": said["reference"] if yes else None,
            "why_not": None if yes else said["why_not"],
        }


class ClosingForm(Form):
    """What came of it."""

    found = TextField("Say what came of it", "What came of it", _CONFIDENTIAL)
