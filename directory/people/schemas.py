"""The forms on which people sign in and are looked after: what is typed, and what to change."""

from collections.abc import Mapping
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

_LONGEST_TYPED = 1000


def _typed(missing: str, most: int = _LONGEST_TYPED) -> fields.String:
    return fields.String(
        required=True,
        validate=validate.Length(1, most, error=missing),
        error_messages={"required": missing},
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


class NewPasswordForm(_Form):
    """A password that somebody chooses, typed twice."""

    password = _typed("Choose a password")
    again = _typed("Type the password again")


def read_form(form: Schema, typed: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What a form says, or else by field what to change."""
    plain = {name: typed[name].strip() if name != "password" else typed[name] for name in typed}
    try:
        said = form.load(plain)
    except ValidationError as error:
        return {}, {name: why[0] for name, why in error.messages_dict.items()}
    return dict(said), {}
