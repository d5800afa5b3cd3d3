"""Somebody who has to be told, as it is kept and as it is shown."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal, TypeAlias

from msgspec import Struct

from directory.country.rules.deadlines import Due
from directory.country.rules.table import Recipient as Rule

Event: TypeAlias = Literal["placement", "ending"]
State: TypeAlias = Literal["open", "asked", "withheld", "told", "not needed"]
How: TypeAlias = Literal["node", "letter", "page", "by hand", "other system"]
Mail: TypeAlias = Literal["queued", "sent", "failed", "opened"]

UNOPENED = timedelta(days=3)
"""After so long without an opening, a link is as good as not delivered."""
DONE: frozenset[State] = frozenset({"told", "withheld", "not needed"})


class TellingFacts(Struct, frozen=True, omit_defaults=True):
    """What is sealed: who it is and how they are reached, where that is not as the register has it;
    why they are not told.
    """

    name: str | None = None
    address: str | None = None
    email: str | None = None
    telephone: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """Who somebody is, and how they are reached, as far as it is known."""

    name: str | None = None
    address: str | None = None
    email: str | None = None
    telephone: str | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Where a link by email is, and why it is not there."""

    mail: Mail
    sent_at: datetime | None
    ends_at: datetime | None
    problem: str | None


@dataclass(frozen=True, slots=True)
class Telling:
    """Somebody who has to be told of a placement or its end. `rule` says why and of what."""

    id: str
    event: Event
    rule: Rule
    number: int
    due: Due
    reach: Reach
    state: State
    how: How | None = None
    told_on: date | None = None
    noted_by: str | None = None
    decided_by: str | None = None
    reason: str | None = None
    link: Link | None = None

    def is_late(self, today: date) -> bool:
        """Whether they were told too late, or are not yet and it is too late."""
        if self.state in ("withheld", "not needed"):
            return False
        return self.due.is_late(self.told_on or today)


class BeforeFacts(Struct, frozen=True):
    """Of many who were told before: by whom, and why that is noted at once. Sealed."""

    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Before:
    """Recipients of these kinds were told in writing on a day, in another system."""

    kinds: tuple[str, ...]
    events: tuple[Event, ...]
    how: How
    told_on: date
    by: str
    reason: str
