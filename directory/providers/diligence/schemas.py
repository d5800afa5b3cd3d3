"""The forms of due diligence: what is typed, checked, or answered with what to change beside it."""

from datetime import date
from typing import Any, get_args

from marshmallow import ValidationError, fields, validate, validates_schema

from directory.intake.screening.service import screen
from directory.providers.diligence.items import Facts
from directory.providers.diligence.kinds import KINDS
from directory.web.forms import DayField, Form, ProseField
from protocols.diligence import Outcome
from protocols.kinds import PLAIN
from protocols.publication import Publication

_OURS = {"publication": Publication.AUTHORITY}


REFERENCE = r"^[A-Za-z0-9][A-Za-z0-9 ./_-]{0,59}\Z"


def fit(text: str) -> None:
    """Raise ValidationError for what must not be published."""
    said = [
        f"Leave out characters {one.start + 1} to {one.end}: {one.reason}" for one in screen(text)
    ]
    if said:
        raise ValidationError(". ".join(said))


class ItemForm(Form):
    """An item that a provider gives. `about` is one of the `subjects`, by their keys."""

    about = fields.String(
        required=True, error_messages={"required": "Choose what it is about"}, metadata=_OURS
    )
    kind = fields.String(
        required=True,
        error_messages={"required": "Choose what it is"},
        validate=validate.OneOf(tuple(KINDS), error="Choose what it is"),
        metadata=_OURS,
    )
    issuer = fields.String(
        required=True,
        error_messages={"required": "Enter who issued it"},
        validate=[
            validate.Length(max=200, error="Who issued it must be 200 characters or fewer"),
            validate.Regexp(PLAIN, error="Who issued it must be plain text"),
            fit,
        ],
        metadata=_OURS,
    )
    reference = fields.String(
        load_default=None,
        validate=[
            validate.Regexp(
                REFERENCE,
                error="The reference must be 60 characters or fewer, all of them letters, numbers, "
                "spaces, or . / _ -",
            ),
            fit,
        ],
        metadata=_OURS,
    )
    valid_from = DayField("", "The first day", Publication.AUTHORITY, required=False)
    valid_until = DayField("", "The last day", Publication.AUTHORITY, required=False)

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today = today

    @validates_schema(skip_on_field_errors=True)
    def _in_order(self, said: dict[str, Any], **_: Any) -> None:
        until = said.get("valid_until")
        if until and until < said.get("valid_from", until):
            raise ValidationError("The last day must not be before the first", "valid_until")
        if until and until < self._today:
            raise ValidationError("It has expired. Give what is valid today", "valid_until")

    def facts(self, said: dict[str, Any]) -> Facts:
        """What was typed of the item itself."""
        return Facts(**{name: text for name, text in said.items() if name != "about"})


class DecisionForm(Form):
    """What an officer found of an item. `seen` names the facts that they were shown."""

    outcome = fields.String(
        required=True,
        error_messages={"required": "Choose what you found"},
        validate=validate.OneOf(get_args(Outcome), error="Choose what you found"),
        metadata=_OURS,
    )
    seen = fields.String(load_default="", metadata=_OURS)
    reason = ProseField(load_default="", metadata=_OURS)
