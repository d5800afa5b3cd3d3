"""Area authorities without a node whose letter nobody has opened for three days, or that it did not
reach: they get the link anew, once, and whoever places is reminded, once for each step.
"""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Row, case, func, or_, select, update

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.homes.labels import day
from directory.notices.labels import reference
from directory.notices.reminding.late import Late
from directory.placing.register.died import of_the_dead
from directory.placing.register.models import placement
from directory.placing.telling.links import LASTS
from directory.placing.telling.models import telling
from directory.placing.telling.planning import AREA
from directory.placing.telling.values import UNOPENED
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node

_STEPS = 2
_AT_ONCE = 500


def count_unopened(connection: Connection, node: Node, who: Principal, authority: str) -> int:
    """How many area authorities have not opened their letter for three days, or were not reached.
    Raises NotAllowed.
    """
    require(who, Action.LIST_PLACEMENTS, authority)
    which = _silent(node) & (telling.c.authority == authority)
    return connection.scalar(select(func.count()).select_from(telling).where(which)) or 0


def claim_unopened(connection: Connection, node: Node) -> list[Late]:
    """Those of which whoever places is to be reminded now; whoever has not opened the first link
    gets another, which the same code opens.
    """
    return [_claimed(connection, node, row) for row in _rows(connection, node)]


def _claimed(connection: Connection, node: Node, row: Row[*tuple[object, ...]]) -> Late:
    one = update(telling).where(telling.c.id == row.id)
    now = node.now()
    connection.execute(one.values(reminded=row.reminded + 1))
    if row.mail == "sent" and row.reminded == 0:
        again = {
            "mail": "queued",
            "mail_next": now,
            "mail_attempts": 0,
            "page_ends_at": now + LASTS,
        }
        connection.execute(one.values(**again))
    area = authority_name(row.area) if row.area else "the area authority"
    sent = f"sent on {day(london_day(row.mail_sent_at))}" if row.mail_sent_at else "not sent"
    why = "did not reach it" if row.mail == "failed" else "was not opened"
    line = f"Placement {reference(row.placement)}: the link to {area}, {sent}, {why}"
    return Late(row.authority, line, one.values(reminded=row.reminded))


def _rows(connection: Connection, node: Node) -> Sequence[Row[*tuple[object, ...]]]:
    return connection.execute(
        select(telling, placement.c.area)
        .join(placement, placement.c.id == telling.c.placement)
        .where(
            _silent(node),
            telling.c.reminded < case((telling.c.mail == "failed", 1), else_=_STEPS),
        )
        .order_by(telling.c.mail_next, telling.c.id)
        .limit(_AT_ONCE)
    ).all()


def _silent(node: Node) -> ColumnElement[bool]:
    unopened = (telling.c.mail == "sent") & (telling.c.mail_sent_at <= node.now() - UNOPENED)
    return (
        (telling.c.kind == AREA)
        & (telling.c.state == "open")
        & telling.c.placement.not_in(of_the_dead())
        & or_(unopened, telling.c.mail == "failed")
    )
