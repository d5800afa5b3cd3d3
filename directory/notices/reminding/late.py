"""Notices that nobody has acknowledged in time, each claimed once for each step.

A step is the day after the one by which it was to be acknowledged, and a week later. Whoever claims
writes; `back` undoes that where no email left.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Row,
    Table,
    Update,
    false,
    func,
    or_,
    select,
    update,
)

from directory.country.authorities.service import authority_name
from directory.country.reference.working_days import london_day
from directory.homes.labels import day
from directory.hosting.due import came_before, due_on
from directory.notices.labels import reference
from directory.notices.models import received_notice, sent_notice
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node

AGAIN = timedelta(days=7)
_STEPS = (2, 1)
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Late:
    """Something of which an authority is reminded: a line without the child, and by whom it was
    taken, where somebody has.
    """

    authority: str
    line: str
    back: Update
    taken_by: str | None = None


def claim_sent(connection: Connection, node: Node) -> list[Late]:
    """Notices of ours that others have not acknowledged."""
    return [
        Late(
            row.placing_authority,
            f"{reference(row.id)} to {authority_name(row.area_authority)}, sent on "
            f"{day(london_day(row.sent_at))}, to be acknowledged by "
            f"{day(due_on(node, row.area_authority, row.sent_at))}",
            back,
        )
        for row, back in _claimed(connection, node, sent_notice, sent_notice.c.sent_at)
    ]


def claim_received(connection: Connection, node: Node) -> list[Late]:
    """Notices to us that we have not acknowledged."""
    return [
        Late(
            row.area_authority,
            f"{reference(row.id)} from {authority_name(row.placing_authority)}, to be acknowledged "
            f"by {day(due_on(node, row.area_authority, row.received_at))}",
            back,
            row.taken_by,
        )
        for row, back in _claimed(connection, node, received_notice, received_notice.c.received_at)
    ]


def count_late_sent(connection: Connection, node: Node, who: Principal, placing: str) -> int:
    """How many of an authority's notices others have not acknowledged in time. Raises
    NotAllowed.
    """
    require(who, Action.LIST_SENT_NOTICES, placing)
    ours = sent_notice.c.placing_authority == placing
    return _count(connection, node, sent_notice, sent_notice.c.sent_at, ours)


def count_late_received(connection: Connection, node: Node, who: Principal, area: str) -> int:
    """How many notices an authority itself has not acknowledged in time. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    ours = received_notice.c.area_authority == area
    return _count(connection, node, received_notice, received_notice.c.received_at, ours)


def _count(
    connection: Connection,
    node: Node,
    table: Table,
    came: Column[object],
    ours: ColumnElement[bool],
) -> int:
    today = london_day(node.now())
    waits = _waits(table, today) & ours
    late = [
        (table.c.area_authority == area) & (came < came_before(node, area, today))
        for area in _areas(connection, table, waits)
    ]
    found = select(func.count()).select_from(table).where(waits, or_(false(), *late))
    return connection.scalar(found) or 0


def _claimed(
    connection: Connection, node: Node, table: Table, came: Column[object]
) -> Iterator[tuple[Row[*tuple[object, ...]], Update]]:
    today = london_day(node.now())
    waits = _waits(table, today) & (table.c.reminded < _STEPS[0])
    for area in _areas(connection, table, waits):
        for step in _STEPS:
            late = came < came_before(node, area, today - (step - 1) * AGAIN)
            rows = connection.execute(
                select(table)
                .where(waits, table.c.area_authority == area, late, table.c.reminded < step)
                .order_by(came, table.c.id)
                .limit(_AT_ONCE)
            ).all()
            for row in rows:
                one = update(table).where(
                    table.c.id == row.id, table.c.placing_authority == row.placing_authority
                )
                connection.execute(one.values(reminded=step))
                yield row, one.values(reminded=row.reminded)


def _areas(connection: Connection, table: Table, which: ColumnElement[bool]) -> list[str]:
    return list(connection.scalars(select(table.c.area_authority).where(which).distinct()))


def _waits(table: Table, today: date) -> ColumnElement[bool]:
    """What is over, or was withdrawn, waits for nobody; nor does what is of a child who died."""
    return (
        table.c.acknowledged_at.is_(None)
        & table.c.withdrawn_at.is_(None)
        & table.c.died_on.is_(None)
        & or_(table.c.ended_on.is_(None), table.c.ended_on >= today)
    )
