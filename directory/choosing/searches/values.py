"""What is kept of a search: filters, and which homes it found as they then were.

Nothing in it describes a child, see `directory.homes.addresses.lasting`.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec

MOST_HOMES = 1_000
"""As many as a search may find when it is saved."""
MOST_SAVED = 20
"""Searches of one person."""


class SavedSearch(msgspec.Struct, frozen=True):
    """`filters` are as in an address; `known` are the homes by URN, each with a digest of what was
    said of it when somebody last looked, at `looked_at`.
    """

    called: str
    filters: dict[str, str]
    known: dict[str, str]
    looked_at: datetime


@dataclass(frozen=True, slots=True)
class News:
    """By URN what is otherwise than at the last look: homes that are `new` among those found, that
    have `changed`, that nobody publishes any more (`closed`), and that are there and no longer fit
    (`left`). `found` are there now.
    """

    found: int
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many homes there is something to say of."""
        return len(self.new) + len(self.changed) + len(self.closed) + len(self.left)
