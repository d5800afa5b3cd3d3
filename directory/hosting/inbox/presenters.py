"""The inbox as a page and a spreadsheet show it: how each notice stands, in words and a colour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.exports import Cell
from directory.homes.labels import day
from directory.hosting.due import State, due_on, state_of
from directory.hosting.inbox.values import CameBy, View, Waiting
from directory.notices.labels import reference
from directory.privacy.restricting.closing import Ask
from directory.web.wording import ago, at
from federation import Node

VIEWS: Mapping[View, str] = {
    "open": "Not yet acknowledged",
    "mine": "Mine",
    "all": "All",
    "ended": "Ended",
}
STATES: Mapping[State, str] = {"overdue": "Overdue", "today": "Due today", "later": "Due later"}
_COLOURS: Mapping[State, str] = {"overdue": "red", "today": "orange", "later": "blue"}
CAME_BY: Mapping[CameBy, str] = {
    "node": "from their node",
    "email": "by email",
    "letter": "by letter",
    "telephone": "by telephone",
    "list": "from a list",
}
HEADINGS = (
    *("Reference", "Placing authority", "Came", "How", "Starts on", "State", "Due on"),
    *("With", "Acknowledged", "Acknowledged by", "Ended on"),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a notice stands: a tag in one of GOV.UK's colours, and a sentence."""

    tag: str
    colour: str
    said: str


@dataclass(frozen=True, slots=True)
class Line:
    """A notice in the list."""

    id: str
    reference: str
    entered: bool
    sender: str
    received: str
    how: str
    starts: str | None
    standing: Standing
    holder: str | None
    can_acknowledge: bool
    closed: bool


def lines(
    node: Node, shown: Sequence[Waiting], names: Mapping[str, str], closed: Mapping[str, Ask]
) -> list[Line]:
    """Notices in a list; `names` are the colleagues by the id of their account. Of those `closed`
    to who reads it, no day of the placement, and whom to ask.
    """
    today = london_day(node.now())
    return [
        Line(
            one.id,
            reference(one.id),
            one.came_by != "node",
            authority_name(one.placing_authority),
            at(one.received_at),
            CAME_BY[one.came_by],
            None if f"notice/{one.id}" in closed else _starts(one.starts_on, today),
            _standing(node, one, closed),
            _holder(one, names),
            not (one.acknowledged_at or one.withdrawn_at or f"notice/{one.id}" in closed),
            f"notice/{one.id}" in closed,
        )
        for one in shown
    ]


def standing(node: Node, one: Waiting) -> Standing:
    """How one stands today."""
    now = node.now()
    today = london_day(now)
    if one.withdrawn_at:
        return Standing("Withdrawn", "grey", f"Withdrawn on {at(one.withdrawn_at)}.")
    if one.ended_on and one.ended_on < today:
        return Standing("Ended", "grey", f"Ended on {day(one.ended_on)}.")
    if one.acknowledged_at:
        by = f" by {one.acknowledged_by}" if one.acknowledged_by else ""
        return Standing("Acknowledged", "green", f"Acknowledged{by} on {at(one.acknowledged_at)}.")
    last = due_on(node, one.area_authority, one.received_at)
    state = state_of(last, today)
    came = f"Came {ago(one.received_at, now)}."
    by_when = {
        "overdue": f"It was to be acknowledged by {day(last)}.",
        "today": "It is to be acknowledged today.",
        "later": f"It is to be acknowledged by {day(last)}.",
    }
    return Standing(STATES[state], _COLOURS[state], f"{came} {by_when[state]}")


def cells(
    node: Node, one: Waiting, names: Mapping[str, str], closed: Mapping[str, Ask]
) -> Sequence[Cell]:
    """A notice in a spreadsheet, under HEADINGS; `closed` as in `lines`."""
    is_closed = f"notice/{one.id}" in closed
    return (
        reference(one.id).replace("\N{NO-BREAK SPACE}", " "),
        authority_name(one.placing_authority),
        one.received_at,
        one.came_by,
        None if is_closed else one.starts_on,
        _standing(node, one, closed).tag,
        None if one.acknowledged_at else due_on(node, one.area_authority, one.received_at),
        _holder(one, names),
        one.acknowledged_at,
        one.acknowledged_by,
        None if is_closed else one.ended_on,
    )


def _standing(node: Node, one: Waiting, closed: Mapping[str, Ask]) -> Standing:
    if (ask := closed.get(f"notice/{one.id}")) is not None:
        return Standing("Restricted", "purple", f"Ask {', '.join(ask)}.")
    return standing(node, one)


def _starts(starts_on: date | None, today: date) -> str | None:
    if starts_on is None:
        return None
    return f"{'Starts' if starts_on > today else 'Since'} {day(starts_on)}"


def _holder(one: Waiting, names: Mapping[str, str]) -> str | None:
    if one.taken_by is None:
        return None
    return names.get(one.taken_by, "somebody who no longer works here")
