"""What an authority still has to tell of its placements, the most urgent first, without the child.

Placements that nobody has opened here yet have no rows: of those, everybody that the rules name
counts as to be told. So a placement that came by an import is on the list from its first day.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select

from directory.country.reference.working_days import london_day
from directory.country.rules.deadlines import Due
from directory.placing.register.service import placements
from directory.placing.register.values import Kept
from directory.placing.telling.models import telling
from directory.placing.telling.planning import AREA, due_for, events, who_is_told
from directory.placing.telling.rows import told_by_notice
from directory.placing.telling.values import DONE, Event
from directory.security.rights.principal import Principal
from federation import Node, in_parts

LOOKED_BACK = timedelta(days=400)
"""Placements that ended longer ago are no longer on the list."""


@dataclass(frozen=True, slots=True)
class Open:
    """A placement or its end of which somebody is still to be told. Of how many of them it waits to
    be approved that they are not, `asked` says.
    """

    kept: Kept
    event: Event
    due: Due
    left: int
    of: int
    asked: int

    def is_late(self, today: date) -> bool:
        """Whether the day has passed by which they should have been told."""
        return self.due.is_late(today)


def still_to_tell(connection: Connection, node: Node, who: Principal, authority: str) -> list[Open]:
    """Placements and ends of which somebody is still to be told. Raises NotAllowed."""
    today = london_day(node.now())
    every = [
        one
        for one in placements(connection, who, authority)
        if one.course.ends_on is None or one.course.ends_on > today - LOOKED_BACK
    ]
    states = _states(connection, [one.id for one in every])
    sent = _sent(connection, every)
    found = []
    for one in every:
        for event in events(one.course):
            held = states[one.id, event]
            known = _count(one, event, held, (one.notice, event) in sent)
            if known[0]:
                due = due_for(authority, event, one.course, node.charter.rules, today)
                found.append(Open(one, event, due, *known))
    return sorted(found, key=lambda one: (one.due.day, one.kept.id, one.event))


def _count(
    one: Kept, event: Event, held: Sequence[tuple[str, str]], noticed: bool
) -> tuple[int, int, int]:
    """How many are left, of how many, and for how many approval is asked."""
    codes = [rule.code for rule in who_is_told(one.authority, event, one.course)]
    rows = [(kind, state) for kind, state in held if kind in codes]
    rows += [(code, "open") for code in codes if code not in {kind for kind, _ in rows}]
    left = [state for kind, state in rows if state not in DONE and not (noticed and kind == AREA)]
    return len(left), len(rows), left.count("asked")


def _states(
    connection: Connection, ids: Sequence[str]
) -> defaultdict[tuple[str, str], list[tuple[str, str]]]:
    found: defaultdict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for part in in_parts(ids):
        rows = connection.execute(
            select(telling.c.placement, telling.c.event, telling.c.kind, telling.c.state).where(
                telling.c.placement.in_(part)
            )
        )
        for row in rows:
            found[row.placement, row.event].append((row.kind, row.state))
    return found


def _sent(connection: Connection, every: Sequence[Kept]) -> set[tuple[str | None, Event]]:
    """Of which notices among them, and of which ends, the area authority was told."""
    found: set[tuple[str | None, Event]] = set()
    for part in in_parts([one.notice for one in every if one.notice]):
        found |= told_by_notice(connection, part).keys()
    return found
