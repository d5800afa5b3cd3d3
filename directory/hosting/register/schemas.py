"""What a form asks of the register. It is posted, and with it the reason: nothing of it stands in
an address.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from marshmallow import fields

from directory.hosting.register.values import RegisterFilter, When
from directory.notices.labels import SETTINGS
from directory.notices.schemas import ReasonForm
from protocols.publication import Publication

_GSS = re.compile("[EWSN][0-9]{8}")
_URN = re.compile("[A-Za-z0-9-]{1,20}")
REASONS = (
    "A child is missing, or may be at risk",
    "Night duty: to see who lives here, and whom to call",
    "To tell education, health or the police what they may know",
    "To compare it with another register",
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody wants of the register, and why. `words` is empty where it is a list."""

    reason: str
    words: str
    wanted: RegisterFilter


class RegisterForm(ReasonForm):
    """Why somebody reads the register, and what of it."""

    words = fields.String(load_default="", metadata={"publication": Publication.CHILD})

    def __init__(self) -> None:
        super().__init__(REASONS)

    def read(self, said: Mapping[str, str]) -> Asked:
        """What is asked. Raises marshmallow's ValidationError."""
        reason: Any = self.load(said)
        return Asked(reason, said.get("words", "").strip(), read_filter(said))


def read_filter(said: Mapping[str, str]) -> RegisterFilter:
    """Who is asked for; what makes no sense is left out."""
    when, area, home = said.get("when"), said.get("area", ""), said.get("home", "")
    sender, setting = said.get("from", ""), said.get("setting", "")
    return RegisterFilter(
        when=next((one for one in get_args(When) if one == when), "today"),
        area=area if _GSS.fullmatch(area) else None,
        home=home if _URN.fullmatch(home) else None,
        sender=sender if _GSS.fullmatch(sender) else None,
        setting=setting if setting in SETTINGS else None,
    )
