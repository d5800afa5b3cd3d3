"""The forms of a shortlist: what is typed is screened, since it is about one child's placement."""

import re
from typing import Any

from marshmallow import ValidationError, post_load, validate

from directory.intake.screening.service import screen
from directory.notices.fields import LineField
from directory.web.forms import Form, ProseField
from protocols.publication import Publication

NO_HOME = "none"
LONGEST = 2000  # characters
_KEPT = Publication.CONFIDENTIAL
_URN = re.compile(r"[A-Z0-9-]{1,20}\Z", re.IGNORECASE)


def refuse_a_child(text: str) -> None:
    """Raise ValidationError for what names a child."""
    if found := screen(text):
        one = found[0]
        raise ValidationError(
            f"Characters {one.start + 1} to {one.end}: {one.reason}. A shortlist names no child"
        )


def _prose(missing: str, *, required: bool) -> ProseField:
    long = f"Write {LONGEST:,} characters or fewer"
    return ProseField(
        required=required,
        validate=[validate.Length(max=LONGEST, error=long), refuse_a_child],
        error_messages={"required": missing},
        metadata={"publication": _KEPT},
    )


class BeginForm(Form):
    """What a new shortlist is called."""

    called = LineField(
        "Enter what you call this search, such as a reference of your own",
        "What you call it",
        _KEPT,
        validate=[validate.Length(max=80, error="Write 80 characters or fewer"), refuse_a_child],
    )


class OptionForm(Form):
    """A home that is to be weighed, and why."""

    urn = LineField(
        "Enter the home’s URN",
        "URN",
        Publication.PUBLIC,
        validate=[validate.Regexp(_URN, error="Enter a URN, like SC123456")],
    )
    why = _prose("Say why this home is weighed", required=True)

    @post_load
    def _upper(self, said: dict[str, Any], **_: Any) -> dict[str, Any]:
        return said | {"urn": said["urn"].upper()}


class DecisionForm(Form):
    """Which home, why, and what the child said. `chosen` is a URN, or NO_HOME."""

    chosen = LineField("Choose the home, or that it is none of these", "The home", _KEPT)
    because = _prose("Say why you decided so", required=True)
    child_said = _prose("", required=False)
