"""What the register shows of somebody who lives in the area, and which of them are asked for."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from directory.hosting.inbox.values import CameBy
from directory.notices.now import Said

When: TypeAlias = Literal["today", "grown-up", "coming", "left"]
UNREGISTERED = "none"
"""Stands in place of a URN for placements in no registered home."""


@dataclass(frozen=True, slots=True)
class RegisterFilter:
    """Who is asked for: children who live here today, those of 18 or over who do, those who will
    come, or have left; in which area, home and kind of placement, placed by which authority. None:
    all of them.
    """

    when: When = "today"
    area: str | None = None
    home: str | None = None
    sender: str | None = None
    setting: str | None = None


@dataclass(frozen=True, slots=True)
class Resident:
    """A child, and what their notice says now. `until` is the last day, as far as one is known."""

    id: str
    placing_authority: str
    area_authority: str
    came_by: CameBy
    received_at: datetime
    acknowledged_at: datetime | None
    withdrawn_at: datetime | None
    says: Said
    until: date | None
    has_ended: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What those of a `when` can be narrowed by, with how many there are of each: homes by URN."""

    total: int
    homes: dict[str, int]
    senders: dict[str, int]
