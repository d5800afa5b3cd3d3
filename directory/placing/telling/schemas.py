"""The forms of telling: told how and when, not told and why, and how somebody is reached."""

from collections.abc import Collection
from datetime import date
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from directory.notices.fields import LineField, telephone_field
from directory.placing.register.values import Recipient
from directory.placing.telling.presenters import BY_HAND
from directory.security.rights.service import LONGEST_REASON, SHORTEST_REASON
from directory.web.forms import DayField, Form
from protocols.publication import Publication

_CHILD, _AUTHORITY = Publication.CHILD, Publication.AUTHORITY


class ToldForm(Form):
    """How somebody was told, and on which day: not one to come, nor before `earliest`."""

    how = fields.String(
        required=True,
        validate=validate.OneOf(BY_HAND, error="Choose how they were told"),
        error_messages={"required": "Choose how they were told"},
        metadata={"publication": _AUTHORITY},
    )
    told_on = DayField("Enter the day on which they were told", "Day", _AUTHORITY)

    def __init__(self, today: date) -> None:
        super().__init__()
        self._today = today

    @validates_schema
    def _is_past(self, said: dict[str, Any], **_: Any) -> None:
        if said["told_on"] > self._today:
            raise ValidationError("Day must be today or in the past", "told_on")


class UntoldForm(Form):
    """Why somebody is not told."""

    because = LineField(
        "Say why",
        "The reason",
        _CHILD,
        validate=[
            validate.Length(
                SHORTEST_REASON,
                LONGEST_REASON,
                error=f"Say why in {SHORTEST_REASON} to {LONGEST_REASON} characters",
            )
        ],
    )


class ReachForm(Form):
    """Who somebody is, and how a letter or a link reaches them. Nothing: as the register has it."""

    name = LineField("", "Name", _CHILD, required=False)
    address = LineField("", "Address", _CHILD, required=False)
    email = LineField(
        "",
        "Email address",
        _CHILD,
        required=False,
        validate=[
            validate.Email(
                error="Enter an email address in the correct format, like name@example.com"
            )
        ],
    )


class RecipientForm(ReachForm):
    """Somebody who is told, and of which kind: one of `kinds`, codes of the nation's rules."""

    kind = fields.String(
        required=True,
        error_messages={"required": "Choose who they are"},
        metadata={"publication": _AUTHORITY},
    )
    name = LineField("Enter the name of the person or the place", "Name", _CHILD)
    telephone = telephone_field("their", required=False)

    def __init__(self, kinds: Collection[str]) -> None:
        super().__init__()
        self._kinds = kinds

    @validates_schema
    def _is_known(self, said: dict[str, Any], **_: Any) -> None:
        if said["kind"] not in self._kinds:
            raise ValidationError("Choose who they are", "kind")

    @post_load
    def _recipient(self, said: dict[str, Any], **_: Any) -> Recipient:
        return Recipient(**said)


class BeforeForm(ToldForm):
    """How, when and by whom many were told before, and why that is noted."""

    by = LineField("Say who told them, such as the case system’s team", "Who told them", _AUTHORITY)
    because = LineField(
        "Say why it is noted at once", "The reason", _AUTHORITY, validate=[validate.Length(5, 400)]
    )


class OpeningForm(Form):
    """Who opens a letter by a link, and the code."""

    name = LineField("Enter your name", "Your name", _AUTHORITY, validate=[validate.Length(2, 200)])
    code = LineField("Enter the code", "Code", Publication.CONFIDENTIAL)
