"""The forms of legal holds."""

from marshmallow import fields, validate

from directory.security.rights.service import LONGEST_REASON, SHORTEST_REASON
from directory.web.forms import Form
from protocols.publication import Publication

_AUTHORITY = Publication.AUTHORITY
_LENGTH = f"Say why in {SHORTEST_REASON} to {LONGEST_REASON} characters"


class LiftForm(Form):
    """Why a hold is lifted."""

    reason = fields.String(
        required=True,
        error_messages={"required": "Enter why, with the reference of the inquiry or claim"},
        validate=validate.Length(SHORTEST_REASON, LONGEST_REASON, error=_LENGTH),
        metadata={"publication": _AUTHORITY},
    )


class HoldForm(LiftForm):
    """What is held, and why."""

    record = fields.String(
        validate=validate.Regexp(
            r"(?:notice|child|told|home-notice|consultation)/[0-9a-f]{32}\Z",
            error="Enter notice/, child/ or told/ and the 32 characters of its id, or nothing",
        ),
        metadata={"publication": _AUTHORITY},
    )
