"""The forms about providers: what is typed, checked, or answered with what to change."""

import re
from typing import Any

from marshmallow import ValidationError, fields, validate

from directory.providers.vouching.models import LONGEST_PROVIDER
from directory.web.forms import Form, ProseField
from protocols.kinds import PLAIN
from protocols.publication import Publication

MOST_AT_ONCE = 100
_URN = re.compile("[A-Z0-9-]{1,20}")
_OURS = {"publication": Publication.AUTHORITY}


def _one_line(missing: str, name: str, most: int, **known: Any) -> fields.String:
    return fields.String(
        required=True,
        error_messages={"required": missing},
        validate=[
            validate.Length(max=most, error=f"{name} must be {most} characters or fewer"),
            validate.Regexp(PLAIN, error=f"{name} must be plain text"),
        ],
        metadata=_OURS,
        **known,
    )


def read_urn(typed: str) -> str:
    """A URN as Ofsted writes it. Raises ValidationError."""
    urn = typed.strip().upper()
    if not _URN.fullmatch(urn):
        raise ValidationError(f"{typed[:40]} is no URN. Type it as Ofsted writes it: SC012345")
    return urn


class UrnField(fields.String):
    """The URN of a home, however it is typed."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> str:
        return read_urn(value)


class UrnsField(ProseField):
    """URNs, one a line or with commas between."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> list[str]:  # type: ignore[override]
        every = list(dict.fromkeys(read_urn(one) for one in re.split(r"[\s,;]+", value) if one))
        if len(every) > MOST_AT_ONCE:
            raise ValidationError(f"Enter {MOST_AT_ONCE} URNs at a time, or fewer")
        return every


class StaffForm(Form):
    """Somebody of a provider's, and the homes that the provider runs."""

    provider = _one_line("Enter the provider’s name", "The provider’s name", LONGEST_PROVIDER)
    name = _one_line("Enter their name", "Their name", 100)
    email = _one_line("Enter their email address", "The email address", 254)
    urns = UrnsField(load_default=list, metadata=_OURS)


class HomeForm(Form):
    """A home to claim."""

    urn = UrnField(
        required=True, error_messages={"required": "Enter the home’s URN"}, metadata=_OURS
    )
