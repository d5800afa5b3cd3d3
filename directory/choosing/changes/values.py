"""What a list changed about a home, and how an officer narrows what waits to be seen."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

import msgspec

Kind: TypeAlias = Literal["new", "changed", "closed", "back"]
What: TypeAlias = Literal["judgement", "status", "places", "provider", "authority", "reorganised"]
Area: TypeAlias = Literal["here", "near", "everywhere"]


class Difference(msgspec.Struct, frozen=True, array_like=True):
    """One thing that a list says otherwise than before; None where nothing stood or stands."""

    what: What
    before: str | int | None
    after: str | int | None


@dataclass(frozen=True, slots=True)
class HomeChange:
    """A home that is new on a list, changed, closed, or back. `authority` is a GSS code, or None
    where the list names none of today. `seen_by` is a name, or None while nobody has seen it.
    """

    id: int
    urn: str
    kind: Kind
    name: str | None
    authority: str | None
    differences: tuple[Difference, ...]
    as_at: date | None
    seen_by: str | None
    seen_at: datetime | None


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes: those `seen` already or not, of one kind or of all, and of homes where."""

    seen: bool = False
    kind: Kind | None = None
    area: Area = "everywhere"
