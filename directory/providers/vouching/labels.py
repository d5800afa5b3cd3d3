"""What states are called on a page, and when two spellings are one provider's name."""

import re
from typing import Literal, TypeAlias, get_args

State: TypeAlias = Literal["asked", "confirmed", "refused", "ended"]
STATES: tuple[State, ...] = get_args(State)

CALLED: dict[str, tuple[str, str]] = {
    "asked": ("Waits for the authority", "yellow"),
    "confirmed": ("Yours", "green"),
    "refused": ("Refused", "red"),
    "ended": ("Ended", "grey"),
}
"""What a provider reads of a home of theirs, and the tag's colour."""

_FORMS = {"ltd": "limited", "co": "company", "plc": "", "the": "", "and": ""}


def plain(name: str) -> str:
    """A provider's name without what two spellings of it differ in: "ACORN Care Ltd." and so on."""
    words = re.findall(r"[^\W_]+", name.replace("’", "").replace("'", "").casefold())
    return " ".join(one for word in words if (one := _FORMS.get(word, word)))
