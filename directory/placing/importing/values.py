"""What arrives, before it is in the register: the same shape from whatever source."""

from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from msgspec import Struct

from directory.placing.register.values import ChildFacts, PlacementFacts, Source


class Incoming(Struct, frozen=True, omit_defaults=True):
    """A placement as a source tells it; None is what the source does not say.

    `area` is a GSS code. `began_before`: the placement may be older than `starts_on`. `row` is that
    of the source, as a spreadsheet counts.
    """

    row: int
    child: ChildFacts
    starts_on: date
    facts: PlacementFacts
    ends_on: date | None = None
    area: str | None = None
    emergency: bool | None = None
    short_breaks: bool | None = None
    began_before: bool = False


class Trouble(Struct, frozen=True):
    """What is wrong with a cell of the source. The cell itself is not in it. `field` is what the
    column means, where it is one of a placement's.
    """

    row: int
    column: str
    reason: str
    field: str = ""


class Draft(Struct, frozen=True, omit_defaults=True):
    """What was read of a file, until it is imported or an hour is over. `as_at` is the day on which
    what it says was so; None is today. `left_out` are rows of which the register keeps none. Of a
    sheet whose columns nobody has named yet, the `rows` alone.
    """

    source: Source
    incoming: tuple[Incoming, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    left_out: int = 0
    rows: tuple[tuple[str, ...], ...] = ()
    as_at: date | None = None


Kind: TypeAlias = Literal["new", "changed", "ended"]


@dataclass(frozen=True, slots=True)
class Change:
    """What an import does to a placement, as a preview shows it."""

    kind: Kind
    row: int
    child: str
    starts_on: date
    what: str


@dataclass(frozen=True, slots=True)
class Left:
    """What a source says otherwise than the register, which keeps what it has: what it is of, and
    why, and never to what.
    """

    row: int
    child: str
    starts_on: date
    what: str
