"""Fields of the forms of notices, as long as a notice lets them be."""

from typing import Any

from marshmallow import fields, validate

from directory.web.forms import ProseField
from protocols.publication import Publication

LONGEST_LINE = 300
LONGEST_TEXT = 4_000
LONGEST_DOCUMENT = 60_000


class LineField(fields.String):
    """One line. `missing` asks for it; `name` begins a sentence: "Given name"."""

    def __init__(self, missing: str, name: str, publication: Publication, **known: Any) -> None:
        super().__init__(
            required=known.pop("required", True),
            error_messages={"required": missing},
            validate=[
                validate.Length(
                    max=LONGEST_LINE, error=f"{name} must be {LONGEST_LINE} characters or fewer"
                ),
                *known.pop("validate", ()),
            ],
            metadata={"publication": publication},
            **known,
        )


class DocumentField(ProseField):
    """Paragraphs. `missing` asks for them; `name` begins a sentence."""

    def __init__(self, missing: str, name: str) -> None:
        too_long = f"{name} must be {LONGEST_DOCUMENT:,} characters or fewer"
        super().__init__(
            required=True,
            error_messages={"required": missing},
            validate=validate.Length(max=LONGEST_DOCUMENT, error=too_long),
            metadata={"publication": Publication.CHILD},
        )


def telephone_field(whose: str, *, required: bool = True) -> LineField:
    """A number as people write it. `whose` stands in what asks for it: "the social worker’s"."""
    return LineField(
        f"Enter {whose} telephone number",
        "Telephone number",
        Publication.AUTHORITY,
        required=required,
        validate=[
            validate.Regexp(
                r"(?=(?:.*[0-9]){6})[-0-9+(). ,;extEXT/]+\Z",
                error="Enter a telephone number, like 01632 960 001 or +44 808 157 0192",
            )
        ],
    )


def email_field() -> LineField:
    """An email address that may be left out."""
    wrong = "Enter an email address in the correct format, like name@example.com"
    return LineField(
        "",
        "Email address",
        Publication.AUTHORITY,
        required=False,
        validate=[validate.Email(error=wrong)],
    )


class TextField(fields.String):
    """A few sentences without paragraphs. `name` begins a sentence."""

    def __init__(self, missing: str, name: str, publication: Publication, **known: Any) -> None:
        too_long = f"{name} must be {LONGEST_TEXT:,} characters or fewer"
        super().__init__(
            required=known.pop("required", True),
            error_messages={"required": missing},
            validate=validate.Length(max=LONGEST_TEXT, error=too_long),
            metadata={"publication": publication},
            **known,
        )
