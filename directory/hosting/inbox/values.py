"""What the inbox shows of notices, and which of them are asked for. Nothing here is of a child."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from directory.hosting.due import State

View: TypeAlias = Literal["open", "mine", "all", "ended"]
VIEWS: tuple[View, ...] = ("open", "mine", "all", "ended")
CameBy: TypeAlias = Literal["node", "email", "letter", "telephone", "list"]
NOBODY = "nobody"
"""Stands in place of a person for the notices that nobody has taken."""


@dataclass(frozen=True, slots=True)
class InboxFilter:
    """Which notices: in which view, due how, from which authority, taken by whom."""

    view: View = "open"
    due: State | None = None
    sender: str | None = None
    holder: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice on the desk, without what it says of the child."""

    id: str
    placing_authority: str
    area_authority: str
    received_at: datetime
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    came_by: CameBy
    starts_on: date | None
    ended_on: date | None
    withdrawn_at: datetime | None
    taken_by: str | None
