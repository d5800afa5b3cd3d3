"""What an address or a form asks of the inbox; what makes no sense there is left out."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import fields, validate
from werkzeug.datastructures import MultiDict

from directory.hosting.due import STATES
from directory.hosting.inbox.values import NOBODY, VIEWS, InboxFilter
from directory.security.rights.service import LONGEST_REASON, SHORTEST_REASON
from directory.web.forms import Form
from protocols.publication import Publication

MOST_AT_ONCE = 500
_ID = re.compile("[0-9a-f]{32}")
_GSS = re.compile("[EWSN][0-9]{8}")


def read_filter(said: Mapping[str, str]) -> InboxFilter:
    """Which notices an address asks for."""
    show, due = said.get("show"), said.get("due")
    sender, holder = said.get("from", ""), said.get("with", "")
    return InboxFilter(
        view=next((one for one in VIEWS if one == show), "open"),
        due=next((one for one in STATES if one == due), None),
        sender=sender if _GSS.fullmatch(sender) else None,
        holder=holder if holder == NOBODY or _ID.fullmatch(holder) else None,
    )


def write_filter(wanted: InboxFilter) -> dict[str, str]:
    """How an address asks for these."""
    said = {
        "show": wanted.view,
        "due": wanted.due,
        "from": wanted.sender,
        "with": wanted.holder,
    }
    return {name: value for name, value in said.items() if value and value != "open"}


def read_ids(said: MultiDict[str, str]) -> list[str]:
    """The notices that were ticked."""
    return [one for one in said.getlist("notice")[:MOST_AT_ONCE] if _ID.fullmatch(one)]


class SavingForm(Form):
    """Why a list leaves the node."""

    reason = fields.String(
        required=True,
        error_messages={"required": "Say why you save the list"},
        validate=validate.Length(
            SHORTEST_REASON,
            LONGEST_REASON,
            error=f"Say why in {SHORTEST_REASON} to {LONGEST_REASON} characters",
        ),
        metadata={"publication": Publication.AUTHORITY},
    )

    def read(self, said: Mapping[str, str]) -> str:
        """The reason. Raises marshmallow's ValidationError."""
        loaded: dict[str, Any] = self.load(said)
        return str(loaded["reason"])
