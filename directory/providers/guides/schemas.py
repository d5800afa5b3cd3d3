"""The forms of a children's guide: what is typed, screened, or answered with what to change."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from directory.intake.screening.service import screen
from directory.providers.guides.topics import TOPICS
from directory.providers.guides.writing import Guide, Person
from directory.web.forms import Form, ProseField
from protocols.handins import MAX_TOPIC
from protocols.kinds import PLAIN
from protocols.publication import Publication

LONGEST = MAX_TOPIC
_OURS = {"publication": Publication.AUTHORITY}


def refuse_unfit(text: str) -> None:
    """Raise ValidationError where a text names a child or leads to the door, with the place."""
    for one in screen(text):
        raise ValidationError(f"Characters {one.start + 1} to {one.end}: {one.reason}")


def _topic() -> ProseField:
    most = validate.Length(max=LONGEST, error=f"Write {LONGEST:,} characters or fewer")
    return ProseField(validate=[most, refuse_unfit], metadata=_OURS)


def _who() -> fields.String:
    checks = [
        validate.Length(max=100, error="Write 100 characters or fewer"),
        validate.Regexp(PLAIN, error="This must be plain text"),
    ]
    return fields.String(validate=checks, metadata=_OURS)


def _telephone() -> fields.String:
    wrong = "Enter a telephone number, like 01632 960 001"
    pattern = validate.Regexp(r"(?=(?:.*[0-9]){4})[-0-9+() ]{4,30}\Z", error=wrong)
    return fields.String(validate=pattern, metadata=_OURS)


class ContactsForm(Form):
    """Whom a child may call, of the home's own choice."""

    complaints_name = _who()
    complaints_telephone = _telephone()
    advocacy_name = _who()
    advocacy_telephone = _telephone()

    @validates_schema(skip_on_field_errors=True)
    def _both(self, said: dict[str, str], **_: Any) -> None:
        for about in ("complaints", "advocacy"):
            for one, other in (("name", "telephone"), ("telephone", "name")):
                if f"{about}_{one}" in said and f"{about}_{other}" not in said:
                    raise ValidationError(f"Enter the {other}, too", f"{about}_{other}")


class GuideForm(ContactsForm.from_dict({one.name: _topic() for one in TOPICS})):  # type: ignore[misc]
    """All that a guide says; loads a `Guide`."""

    @post_load
    def _guide(self, said: dict[str, str], **_: Any) -> Guide:
        return Guide(
            {one.name: said[one.name] for one in TOPICS if one.name in said},
            _person(said, "complaints"),
            _person(said, "advocacy"),
        )


class PictureForm(Form):
    """What a picture shows, and that it may be shown; loads the words."""

    alt = fields.String(
        required=True,
        error_messages={"required": "Say in words what the picture shows"},
        validate=[
            validate.Length(5, 200, error="Say it in 5 to 200 characters"),
            validate.Regexp(PLAIN, error="This must be plain text"),
            refuse_unfit,
        ],
        metadata=_OURS,
    )
    inside = fields.String(
        required=True,
        error_messages={"required": "Look at the picture, and say that it may be shown"},
        metadata=_OURS,
    )

    @post_load
    def _alt(self, said: dict[str, str], **_: Any) -> str:
        return said["alt"]


def _person(said: dict[str, str], about: str) -> Person | None:
    name = said.get(f"{about}_name")
    return Person(name, said[f"{about}_telephone"]) if name else None
