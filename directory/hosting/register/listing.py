"""The register of one authority, or of several for which somebody works, a page at a time.

The database does the paging, over an index that holds what it needs; the rows of one page alone are
opened. Whoever looks has said why, and each authority's audit has a row of its own for each page.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import TypeAlias

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    func,
    or_,
    select,
    tuple_,
)

from directory.country.reference.working_days import london_day
from directory.hosting.inbox.listing import is_live
from directory.hosting.register.values import UNREGISTERED, Choices, RegisterFilter, Resident, When
from directory.notices.models import received_notice
from directory.notices.now import now_of_all
from directory.privacy.restricting.children import marks_of
from directory.privacy.restricting.closing import closed_children, closed_to
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, in_parts

_notice = received_notice.c
Key: TypeAlias = tuple[str, str]
"""Placing authority and id: what a notice is known by."""


def residents(
    connection: Connection,
    node: Node,
    who: Principal,
    areas: Collection[str],
    wanted: RegisterFilter,
    reason: str,
    *,
    skip: int = 0,
    limit: int | None = None,
    done: str = "a page",
) -> list[Resident]:
    """Those who are wanted in some areas, the latest to come first; `done` is what the audit says
    was done with them. Raises NotAllowed, ReasonWanted.
    """
    asked = asked_areas(who, areas, wanted.area, reason)
    rows = connection.execute(
        select(_notice.placing_authority, _notice.id)
        .where(_wanted(asked, wanted, london_day(node.now())), _open_to(connection, who, asked))
        .order_by(_notice.starts_on.desc(), _notice.id.desc())
        .offset(skip)
        .limit(limit)
    )
    keys = [(row.placing_authority, row.id) for row in rows]
    shown = opened_to(connection, node, who, asked, keys)
    note_shown(connection, node, who, asked, reason, shown, done)
    return shown


def choices(
    connection: Connection, node: Node, who: Principal, areas: Collection[str], when: When
) -> Choices:
    """By what those of a time can be narrowed, and how many there are, without those closed to who
    asks; nothing of a child. Raises NotAllowed.
    """
    for area in areas:
        require(who, Action.LIST_RECEIVED_NOTICES, area)
    of_time = and_(
        _notice.area_authority.in_(areas),
        _at(when, london_day(node.now())),
        _open_to(connection, who, areas),
    )
    homes, senders = (
        {
            row.value or UNREGISTERED: row.found
            for row in connection.execute(
                select(column.label("value"), func.count().label("found"))
                .where(of_time)
                .group_by(column)
            )
        }
        for column in (_notice.urn, _notice.placing_authority)
    )
    return Choices(sum(senders.values()), homes, senders)


def count_wanted(
    connection: Connection,
    node: Node,
    who: Principal,
    areas: Collection[str],
    wanted: RegisterFilter,
) -> int:
    """How many are wanted, without those that are closed to who asks. Raises NotAllowed."""
    for area in areas:
        require(who, Action.LIST_RECEIVED_NOTICES, area)
    of_all = areas if wanted.area is None else {wanted.area} & set(areas)
    condition = _wanted(of_all, wanted, london_day(node.now()))
    theirs = _open_to(connection, who, of_all)
    return connection.scalar(select(func.count(_notice.id)).where(condition, theirs)) or 0


def asked_areas(
    who: Principal, areas: Collection[str], one: str | None, reason: str
) -> Sequence[str]:
    """The areas whose registers are read: all, or the one that is asked for. Raises NotAllowed,
    ReasonWanted.
    """
    asked = sorted(areas) if one is None else [one]
    for area in asked:
        require(who, Action.READ_REGISTER, area, reason)
    return asked


def opened(connection: Connection, node: Node, keys: Sequence[Key]) -> list[Resident]:
    """What some notices say now, in their order, without those that were destroyed. For whoever may
    read them and has it noted.
    """
    rows = {
        (row.placing_authority, row.id): row
        for part in in_parts(keys)
        for row in connection.execute(
            select(received_notice).where(tuple_(_notice.placing_authority, _notice.id).in_(part))
        )
    }
    today = london_day(node.now())
    now = now_of_all(connection, node, "received", list(rows.values()))
    found: list[Resident] = []
    for key in keys:
        if key not in now or key not in rows:
            continue
        row, says = rows[key], now[key]
        found.append(
            Resident(
                row.id,
                row.placing_authority,
                row.area_authority,
                row.came_by,
                row.received_at,
                row.acknowledged_at,
                row.withdrawn_at,
                says.says,
                says.ended_on or says.expected_end,
                row.ended_on is not None and row.ended_on < today,
            )
        )
    return found


def opened_to(
    connection: Connection, node: Node, who: Principal, areas: Sequence[str], keys: Sequence[Key]
) -> list[Resident]:
    """The same, without what is restricted and closed to who asks."""
    records = {record for area in areas for record in closed_to(connection, who, area)}
    open_ = opened(connection, node, [key for key in keys if f"notice/{key[1]}" not in records])
    closed = {area: closed_children(connection, node, who, area) for area in areas}
    return [
        one
        for one in open_
        if one.area_authority in closed
        and closed[one.area_authority].ask(marks_of(one.placing_authority, one.says.child)) is None
    ]


def note_shown(
    connection: Connection,
    node: Node,
    who: Principal,
    areas: Sequence[str],
    reason: str,
    shown: Collection[Resident],
    done: str,
) -> None:
    """Put a look at the register into the audit of each authority, with whose notices were shown.

    So who is asked later who has seen a child's record can say it.
    """
    for area in areas:
        ids = " ".join(one.id for one in shown if one.area_authority == area)
        note(
            connection,
            node,
            who,
            Action.READ_REGISTER,
            authority=area,
            record="register",
            reason=reason,
            detail=f"{done}: {ids or 'nobody'}",
        )


def _open_to(connection: Connection, who: Principal, areas: Collection[str]) -> ColumnElement[bool]:
    closed = {record for area in areas for record in closed_to(connection, who, area)}
    return _notice.id.not_in([one.removeprefix("notice/") for one in closed])


def _wanted(areas: Collection[str], wanted: RegisterFilter, today: date) -> ColumnElement[bool]:
    asked: list[ColumnElement[bool]] = [
        _notice.area_authority.in_(areas),
        _at(wanted.when, today),
    ]
    if wanted.home == UNREGISTERED:
        asked.append(_notice.urn.is_(None))
    elif wanted.home:
        asked.append(_notice.urn == wanted.home)
    if wanted.sender:
        asked.append(_notice.placing_authority == wanted.sender)
    if wanted.setting:
        asked.append(_notice.setting == wanted.setting)
    return and_(*asked)


def _at(when: When, today: date) -> ColumnElement[bool]:
    """Those who live here, will, or did. Of whom no day is known came before it was kept."""
    match when:
        case "today":
            return and_(_lives_here(today), _notice.grown_up.is_(False))
        case "grown-up":
            return and_(_lives_here(today), _notice.grown_up.is_(True))
        case "coming":
            return and_(is_live(today), _notice.starts_on > today)
        case "left":
            return and_(_notice.ended_on < today, _notice.withdrawn_at.is_(None))


def _lives_here(today: date) -> ColumnElement[bool]:
    return and_(is_live(today), or_(_notice.starts_on.is_(None), _notice.starts_on <= today))
