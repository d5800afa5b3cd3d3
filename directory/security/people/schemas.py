"""The forms on which people sign in and are looked after: what is typed, and what to change."""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate, validates_schema

from directory.security.people.accounts import GRANTABLE
from directory.security.rights.roles import Role
from protocols.publication import Publication

_LONGEST_TYPED = 1000
_OF_THE_AUTHORITY = {"publication": Publication.AUTHORITY}
_PASSWORDS = ("password", "again", "current")


def _typed(missing: str, most: int = _LONGEST_TYPED) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Length(1, most, error=missing),
        error_messages={"required": missing},
        metadata=_OF_THE_AUTHORITY,
    )


class _Form(Schema):
    class Meta:
        unknown = EXCLUDE


class PasswordForm(_Form):
    """Signing in, the first step."""

    email = _typed("Enter your email address")
    password = _typed("Enter your password")


class CodeForm(_Form):
    """A code of the second factor, or a recovery code."""

    code = _typed("Enter the code", 100)


class EmailForm(_Form):
    """To whom a link is to be sent."""

    email = _typed("Enter your email address")


class NewPasswordForm(_Form):
    """A password that somebody chooses, typed twice."""

    password = _typed("Choose a password")
    again = _typed("Type the password again")

    @validates_schema
    def _is_the_same_twice(self, said: dict[str, Any], **_: Any) -> None:
        if said["password"] != said["again"]:
            raise ValidationError("The two passwords are not the same. Type both again", "again")


class OwnPasswordForm(_Form):
    """The password of who is signed in, before what matters."""

    current = _typed("Enter your password")


class ChangePasswordForm(OwnPasswordForm, NewPasswordForm):
    """A new password of who is signed in."""


class RoleForm(_Form):
    """A role to give somebody."""

    role = fields.Enum(
        Role,
        by_value=True,
        required=True,
        validate=validate.OneOf(GRANTABLE, error="Choose a role from the list"),
        error_messages={"required": "Choose a role", "unknown": "Choose a role from the list"},
        metadata=_OF_THE_AUTHORITY,
    )


class InvitationForm(RoleForm):
    """Somebody new, and what they will be."""

    name = _typed("Enter their name, in 100 characters at most", 100)
    email = _typed("Enter their email address")


def read_form(form: Schema, typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What a form says, or else by field what to change."""
    plain = {name: typed[name] if name in _PASSWORDS else typed[name].strip() for name in typed}
    try:
        said = form.load(plain)
    except ValidationError as error:
        return {}, {name: why[0] for name, why in error.messages_dict.items()}
    return dict(said), {}
