"""The forms about documents: what is typed, checked, or answered with what to change."""

from typing import Any

from marshmallow import fields, post_load, validate

from directory.security.rights.service import LONGEST_REASON, SHORTEST_REASON
from directory.web.forms import Form
from protocols.kinds import PLAIN
from protocols.publication import Publication

_WHY = f"Say why, in {SHORTEST_REASON} to {LONGEST_REASON} characters"


class WhyForm(Form):
    """Why a document is asked for, or refused; loads the reason."""

    reason = fields.String(
        required=True,
        error_messages={"required": _WHY},
        validate=[
            validate.Length(SHORTEST_REASON, LONGEST_REASON, error=_WHY),
            validate.Regexp(PLAIN, error="The reason must be plain text"),
        ],
        metadata={"publication": Publication.CONFIDENTIAL},
    )

    @post_load
    def _reason(self, said: dict[str, str], **_: Any) -> str:
        return said["reason"]
