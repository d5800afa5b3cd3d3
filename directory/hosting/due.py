"""By when the authority of the area acknowledges a notice, and how that stands today."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Literal, TypeAlias

from directory.country.reference.working_days import LONDON, london_day
from directory.country.rules.deadlines import due
from federation import Node

State: TypeAlias = Literal["overdue", "today", "later"]
STATES: tuple[State, ...] = ("overdue", "today", "later")
_DAY = timedelta(days=1)


def due_on(node: Node, area: str, came: datetime) -> date:
    """The last day on which an authority acknowledges in time what came at a moment."""
    return _due(node, area, london_day(came))


def state_of(last: date, today: date) -> State:
    """How it stands with a notice that nobody has acknowledged."""
    if last < today:
        return "overdue"
    return "today" if last == today else "later"


def came_before(node: Node, area: str, day: date) -> datetime:
    """What was due before a day came before this moment, and all else came then or later: the rule
    of `due_on`, as a database asks it of many notices at once.
    """
    first = day
    while _due(node, area, first - _DAY) >= day:
        first -= _DAY
    return datetime.combine(first, time(), LONDON).astimezone(UTC)


def _due(node: Node, area: str, came: date) -> date:
    return due("acknowledgement", area, came, node.charter.rules, late=True).day
