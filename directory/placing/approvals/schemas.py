"""The forms of approvals and consultations."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from directory.notices.fields import LineField, email_field, telephone_field
from directory.web.forms import Form, ProseField
from protocols.consultations import View
from protocols.notices import Contact
from protocols.publication import Publication

LONGEST = 2000
_CHILD = Publication.CHILD


def _prose(missing: str, *, required: bool = True) -> ProseField:
    return ProseField(
        required=required,
        validate=validate.Length(max=LONGEST, error=f"Write {LONGEST:,} characters or fewer"),
        error_messages={"required": missing},
        metadata={"publication": _CHILD},
    )


def _choice(known: tuple[str, ...], missing: str) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.OneOf(known, error=missing),
        error_messages={"required": missing},
        metadata={"publication": _CHILD},
    )


class StepForm(Form):
    """What was said or done before an approval. `step` is a code of the table of rules."""

    step = LineField("Choose what you record", "What you record", _CHILD)
    text = _prose("Say what was said or done")


class DecisionForm(Form):
    """Whether a placement is approved, and why."""

    outcome = _choice(("approved", "refused", "exempt"), "Choose whether you approve it")
    why = _prose("Say why you decide so")


class WithoutForm(Form):
    """Why a placement goes on that nobody has approved."""

    without = _prose("Say why it goes on without the approval")


class ConsultForm(Form):
    """A button, and nothing typed."""


class AnswerForm(Form):
    """What the area authority says to a consultation. Loads view, contact and words."""

    view = _choice(("no concerns", "concerns", "against"), "Choose what your authority says to it")
    said = _prose("", required=False)
    name = LineField("Enter the name of the person to call", "Name", Publication.AUTHORITY)
    role = LineField("Enter what that person is", "Role", Publication.AUTHORITY)
    telephone = telephone_field("that person’s")
    email = email_field()

    @validates_schema
    def _has_words(self, said: dict[str, Any], **_: Any) -> None:
        if said["view"] != "no concerns" and "said" not in said:
            raise ValidationError("Say what the concerns are", "said")

    @post_load
    def _answer(self, said: dict[str, Any], **_: Any) -> tuple[View, Contact, str | None]:
        contact = Contact(said["name"], said["role"], said["telephone"], said.get("email"))
        return said["view"], contact, said.get("said")
