"""What a shortlist holds. It names no child, and is sealed all the same: it is about one."""

from datetime import date

import msgspec

MOST_HOMES = 12


class Option(msgspec.Struct, frozen=True):
    """A home on a shortlist: why it is there, who added it and when. `seen` is the id of the newest
    change of homes that was known then, or has been marked as seen since.
    """

    urn: str
    why: str
    added_by: str
    added_on: date
    seen: int = 0


class Row(msgspec.Struct, frozen=True):
    """One fact of every home, in the order of the homes."""

    section: str
    key: str
    values: tuple[str, ...]


class Comparison(msgspec.Struct, frozen=True):
    """Homes side by side on a day: their titles, what is known of each, and what is not."""

    on: date
    titles: tuple[str, ...]
    rows: tuple[Row, ...]
    unknown: tuple[tuple[str, ...], ...]


class Decision(msgspec.Struct, frozen=True):
    """What was decided, and on what: `chosen` is a URN, or None where no home was.

    `offered` are the homes between which the child could choose; `appraised` is what was known.
    """

    chosen: str | None
    why: str
    child_said: str
    offered: tuple[str, ...]
    decided_by: str
    appraised: Comparison


class Shortlist(msgspec.Struct, frozen=True):
    """The homes that are weighed for one placement. `called` is the authority's own reference."""

    called: str
    options: tuple[Option, ...] = ()
    decision: Decision | None = None
