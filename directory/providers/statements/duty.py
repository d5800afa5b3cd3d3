"""What has to be done about statements that are published, and by when.

Regulation 16(3) of the Children's Homes (England) Regulations 2015: the statement is kept under
review, and within 28 days of a revision Ofsted is notified and sent the new version. A node cannot
know that it was: somebody notes the day.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, select

from directory.country.reference.working_days import london_day
from directory.providers.statements.checking import DUTY_DAYS, REVIEW_AFTER
from directory.providers.statements.desks import Desk, require_at
from directory.providers.statements.models import statement_told
from directory.providers.statements.published import Dates
from directory.providers.statements.telling import keep_told, tell_other_side
from directory.records.publishing.service import statement_of
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from federation import Node

WARN_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Due:
    """Something to be done about a home's statement, by a day. `what` is `review` or `tell`."""

    urn: str
    what: str
    by: date
    overdue: bool


def note_told(
    connection: Connection,
    node: Node,
    who: Principal,
    desk: Desk,
    revised_on: date,
    told_on: date,
) -> None:
    """Note that Ofsted was sent a version, and tell the other side of the claim to the home, in the
    caller's transaction. Raises NotAllowed.
    """
    audited_by = require_at(connection, node, who, desk)
    message = tell_other_side(connection, node, desk, revised_on, told_on, who.name[:200])
    keep_told(connection, desk.urn, revised_on, told_on, who.name, message)
    note(
        connection,
        node,
        who,
        "note that Ofsted was sent a statement of purpose",
        authority=audited_by,
        record=statement_of(desk.urn),
        detail=f"revised on {revised_on}, sent on {told_on}",
    )


def told_on(connection: Connection, urn: str, revised_on: date) -> date | None:
    """When Ofsted was sent a version, if anybody has noted it."""
    return connection.scalar(
        select(statement_told.c.told_on).where(
            statement_told.c.urn == urn, statement_told.c.revised_on == revised_on
        )
    )


def due(connection: Connection, node: Node, published: Iterable[Dates]) -> list[Due]:
    """What is to be done about these statements within a month, or was to be done; the earliest
    first. In `node.db`.
    """
    today = london_day(node.now())
    told = {
        (row.urn, row.revised_on)
        for row in connection.execute(select(statement_told.c.urn, statement_told.c.revised_on))
    }
    found: list[Due] = []
    for one in published:
        if (one.urn, one.revised_on) not in told:
            by = one.revised_on + timedelta(days=DUTY_DAYS)
            found.append(Due(one.urn, "tell", by, overdue=today > by))
        review = one.reviewed_on + REVIEW_AFTER
        if today >= review - WARN_BEFORE:
            found.append(Due(one.urn, "review", review, overdue=today > review))
    return sorted(found, key=lambda one: (one.by, one.urn, one.what))
