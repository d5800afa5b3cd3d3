"""The form that says whom somebody asks about. Nothing of it stands in an address or a log."""

from typing import Any

from marshmallow import fields, post_load, validate

from directory.notices.fields import LineField
from directory.privacy.subject_access.finding import Sought
from directory.security.rights.service import LONGEST_REASON, SHORTEST_REASON
from directory.web.forms import DayField, Form
from protocols.publication import Publication

_CHILD, _AUTHORITY = Publication.CHILD, Publication.AUTHORITY


class ReasonField(fields.String):
    """Why, with the request's reference."""

    def __init__(self) -> None:
        length = f"Say why in {SHORTEST_REASON} to {LONGEST_REASON} characters"
        super().__init__(
            required=True,
            error_messages={"required": "Enter the request’s reference, or why you look"},
            validate=validate.Length(SHORTEST_REASON, LONGEST_REASON, error=length),
            metadata={"publication": _AUTHORITY},
        )


class SoughtForm(Form):
    """Loads a reason and a `Sought`."""

    given_name = LineField("Enter the given name", "Given name", _CHILD)
    family_name = LineField("Enter the family name", "Family name", _CHILD)
    born_on = DayField("Enter the date of birth", "Date of birth", _CHILD)
    reason = ReasonField()

    @post_load
    def _sought(self, said: dict[str, Any], **_: Any) -> tuple[str, Sought]:
        return said.pop("reason"), Sought(**said)
