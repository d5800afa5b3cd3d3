"""The form of a profile: each code of the list answered or left open, and words by group."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from directory.country.codes.service import code_list
from directory.homes.said import Said
from directory.intake.screening.service import screen
from directory.web.forms import Form, ProseField
from protocols.kinds import Source
from protocols.profiles import Answer, Note, Profile
from protocols.publication import Publication

LONGEST = 4_000
OLDEST, MOST_STAFF = 25, 500
ANSWERS = {"yes": "Yes", "partly": "In part", "no": "No"}
SEXES = {"any": "Girls and boys", "girls": "Girls only", "boys": "Boys only"}
_OURS = {"publication": Publication.MEMBERS}


class _Number(fields.Integer):
    def __init__(self, most: int, message: str) -> None:
        self._message = message
        super().__init__(validate=validate.Range(0, most, error=message), metadata=_OURS)

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> int:
        text = str(value)
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            raise ValidationError(self._message)
        return int(text)


class _Words(ProseField):
    """A text that is fit to be published."""

    def __init__(self) -> None:
        super().__init__(
            validate=[
                validate.Length(max=LONGEST, error=f"Write {LONGEST:,} characters or fewer"),
                _fit,
            ],
            metadata=_OURS,
        )


def _fit(text: str) -> None:
    said = [f"characters {one.start + 1} to {one.end}: {one.reason}" for one in screen(text)]
    if said:
        told = ". ".join(one[:1].upper() + one[1:] for one in said)
        raise ValidationError(told)


class _Profile(Form):
    youngest = _Number(OLDEST, f"Youngest age must be a whole number from 0 to {OLDEST}")
    oldest = _Number(OLDEST, f"Oldest age must be a whole number from 0 to {OLDEST}")
    sex = fields.String(
        validate=validate.OneOf(SEXES, error="Choose whom the home takes from the list"),
        metadata=_OURS,
    )
    summary = _Words()
    staff = _Number(MOST_STAFF, f"Care staff must be a whole number from 0 to {MOST_STAFF}")
    qualified = _Number(MOST_STAFF, f"Qualified must be a whole number from 0 to {MOST_STAFF}")

    @validates_schema
    def _fits_together(self, data: Mapping[str, Any], **_: Any) -> None:
        youngest, oldest = data.get("youngest"), data.get("oldest")
        if (youngest is None) != (oldest is None):
            missing = "youngest" if youngest is None else "oldest"
            raise ValidationError("Enter both ages, or neither", missing)
        if youngest is not None and oldest is not None and youngest > oldest:
            raise ValidationError("Oldest age must not be below the youngest", "oldest")
        if "qualified" in data and data["qualified"] > data.get("staff", -1):
            raise ValidationError("Qualified must not be more than care staff", "qualified")


def met(code: str) -> str:
    """The name of the field in which a code is answered."""
    return f"met-{code}"


def given_by(code: str) -> str:
    """The name of the field that says who gives a therapy."""
    return f"by-{code}"


def words_on(group: str) -> str:
    """The name of the field for words about a group."""
    return f"words-{group}"


def _chosen(among: Mapping[str, str], message: str) -> fields.String:
    return fields.String(validate=validate.OneOf(among, error=message), metadata=_OURS)


def _made() -> type[Schema]:
    known = code_list()
    givers = {one.code: one.label for one in known.givers}
    made: dict[str, fields.Field[Any]] = {}
    for group in known.groups:
        for one in known.of(group.code):
            made[met(one.code)] = _chosen(ANSWERS, f"{one.label}: choose an answer from the list")
            if group.code == "therapy":
                made[given_by(one.code)] = _chosen(givers, f"{one.label}: choose who gives it")
        made[words_on(group.code)] = _Words()
    return _Profile.from_dict({**made}, name="ProfileForm")


_FORM = _made()


def form() -> Form:
    """A form for one request."""
    made = _FORM()
    if not isinstance(made, Form):
        raise TypeError("made from a form")
    return made


def read(given: Mapping[str, str], urn: str, authority: str, source: Source) -> Profile:
    """What was typed, as the profile of a home; raises ValidationError."""
    data = form().load(given)
    answers, notes = [], []
    for group in code_list().groups:
        for one in code_list().of(group.code):
            if answer := data.get(met(one.code)):
                by = data.get(given_by(one.code))
                answers.append(Answer(one.code, answer, (by,) if by and answer != "no" else ()))
        if text := data.get(words_on(group.code)):
            notes.append(Note(group.code, text))
    return Profile(
        urn,
        authority,
        source,
        answers=tuple(answers),
        notes=tuple(notes),
        **{name: data.get(name) for name in _Profile().fields},
    )


def written(said: Said | None) -> dict[str, str]:
    """What is said now, as the form's fields hold it."""
    if said is None:
        return {}
    there: dict[str, object] = {name: getattr(said, name) for name in _Profile().fields}
    for code, one in said.answers.items():
        there[met(code)] = one.met
        there[given_by(code)] = next(iter(one.by), None)
    for note in said.notes:
        there[words_on(note.about)] = note.text
    return {name: str(value) for name, value in there.items() if value is not None}
