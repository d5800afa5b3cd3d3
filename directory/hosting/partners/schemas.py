"""The forms of partners: who they are, and who opens a page. Each message stands by its field."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from directory.hosting.partners.fields import FIELDS
from directory.hosting.partners.keeping import KINDS, Particulars
from directory.security.people.accounts import normal_email
from directory.security.people.errors import NotAnEmail
from directory.web.forms import Form
from protocols.kinds import PLAIN
from protocols.publication import Publication

_LINE = 300
_BUSINESS = {"publication": Publication.AUTHORITY}


def _line(missing: str, most: int = _LINE) -> fields.String:
    """One that may be left out has nothing to say when it `missing`."""
    known: dict[str, Any] = {"required": True} if missing else {"load_default": None}
    return fields.String(
        **known,
        validate=[
            validate.Length(max=most, error=f"This must be {most} characters or fewer"),
            validate.Regexp(PLAIN, error="Leave out what cannot be seen"),
        ],
        error_messages={"required": missing},
        metadata=_BUSINESS,
    )


class PartnerForm(Form):
    """Loads `Particulars`; `sees` are the fields that were ticked."""

    kind = fields.String(
        required=True,
        validate=validate.OneOf(KINDS, error="Choose what kind of partner it is"),
        error_messages={"required": "Choose what kind of partner it is"},
        metadata=_BUSINESS,
    )
    name = _line("Enter the name of the team or body", 200)
    telephone = fields.String(
        required=True,
        validate=validate.Regexp(
            r"(?=(?:.*[0-9]){6})[-0-9+(). /extEXT]{6,40}\Z",
            error="Enter a telephone number, like 01632 960 001",
        ),
        error_messages={"required": "Enter the telephone number on which they are told the code"},
        metadata=_BUSINESS,
    )
    email = _line("", 254)
    member = _line("", 9)
    purpose = _line("Say what they are told for")
    lawful_basis = _line("Say on which lawful basis they are told")

    def __init__(self, sees: list[str], members: frozenset[str]) -> None:
        super().__init__()
        self._sees, self._members = sees, members

    @validates_schema(skip_on_field_errors=False)
    def _can_be_reached(self, said: dict[str, Any], **_: Any) -> None:
        email, member = said.get("email"), said.get("member")
        if (email is None) is (member is None):
            raise ValidationError(
                "Enter an email address, or choose the authority where they have a node", "email"
            )
        if member and member not in self._members:
            raise ValidationError("Choose an authority from the list", "member")
        if email:
            try:
                normal_email(email)
            except NotAnEmail as error:
                raise ValidationError(str(error), "email") from None

    @post_load
    def _particulars(self, said: dict[str, Any], **_: Any) -> Particulars:
        email = said.pop("email")
        return Particulars(
            **said,
            email=normal_email(email) if email else None,
            fields=tuple(one for one in FIELDS if one in self._sees),
        )


class OpeningForm(Form):
    """Who opens a partner's page, and the code."""

    name = _line("Enter your name", 200)
    code = _line("Enter the code that you were told by telephone", 40)
