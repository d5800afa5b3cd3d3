"""Who of those who live in an area is 18 or over: a chore of the worker's, once a day.

The duty to tell the area ended with childhood, and homes go on telling of who lives there at 18 and
over (regulation 41 of the Children's Homes (England) Regulations 2015), so they stand in the
register in a list of their own. The day of birth is sealed; that somebody is 18 is kept beside it,
and never the day on which they were. Who was entered since the last look is in the list of children
until the next, with a tag.
"""

from collections.abc import Mapping
from datetime import date

from sqlalchemy import select, tuple_, update

from directory.country.reference.working_days import london_day
from directory.hosting.homes.residents import GROWN_UP, age_on
from directory.hosting.inbox.listing import is_live
from directory.notices.models import received_notice
from directory.notices.now import now_of_all
from federation import Node, in_parts, reading, writing

_notice = received_notice.c


class MarkGrownUp:
    """Looks on the first round of each day in London."""

    def __init__(self) -> None:
        self._day: date | None = None

    def __call__(self, node: Node) -> None:
        """Mark who has had the 18th birthday, and unmark who has not: a day may be corrected."""
        today = london_day(node.now())
        if self._day == today:
            return
        for area in sorted(node.member.area):
            wrong = _wrongly_marked(node, area, today)
            for is_now in (True, False):
                keys = [key for key, grown_up in wrong.items() if grown_up is is_now]
                for part in in_parts(keys):
                    those = tuple_(_notice.placing_authority, _notice.id).in_(part)
                    with writing(node.node_db) as connection:
                        connection.execute(
                            update(received_notice).where(those).values(grown_up=is_now)
                        )
        self._day = today


def is_grown_up(born: date | None, on: date) -> bool:
    """Whether somebody is 18 or over. Nobody leaves the list of children without a birthday."""
    return born is not None and age_on(born, on) >= GROWN_UP


def _wrongly_marked(node: Node, area: str, today: date) -> Mapping[tuple[str, str], bool]:
    """Of those who live in an area or will, whose mark is not what it should be, and what that is;
    by placing authority and id.
    """
    here = (_notice.area_authority == area) & is_live(today)
    with reading(node.node_db) as connection:
        rows = connection.execute(select(received_notice).where(here)).all()
        now = now_of_all(connection, node, "received", rows)
    marked = {(row.placing_authority, row.id): row.grown_up for row in rows}
    found = {key: is_grown_up(one.says.child.born_on, today) for key, one in now.items()}
    return {key: grown_up for key, grown_up in found.items() if grown_up is not marked[key]}
