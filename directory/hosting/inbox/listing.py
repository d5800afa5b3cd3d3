"""The notices of the inbox: counted and paged by the database, none of them opened.

An index holds every column by which they are narrowed and put in order, so that no sealed text is
read on the way.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, true

from directory.country.reference.working_days import london_day
from directory.hosting.due import State, came_before
from directory.hosting.inbox.values import NOBODY, VIEWS, InboxFilter, View, Waiting
from directory.notices.models import received_notice
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.web.wording import counted
from federation import Node

_notice = received_notice.c


def person_id(who: Principal) -> str | None:
    """The id of the account of who asks; None where it is no person."""
    kind, _, number = who.id.partition(":")
    return number if kind == "person" else None


def waiting(
    connection: Connection,
    node: Node,
    who: Principal,
    area: str,
    wanted: InboxFilter,
    *,
    skip: int = 0,
    limit: int | None = None,
) -> list[Waiting]:
    """The notices that are wanted: what waits longest first while they are open, else the latest
    first. Raises NotAllowed.
    """
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    oldest_first = wanted.view in ("open", "mine")
    order = [one if oldest_first else one.desc() for one in (_notice.received_at, _notice.id)]
    page = (
        select(_notice.placing_authority, _notice.id)
        .where(_of(node, who, area, wanted))
        .order_by(*order)
        .offset(skip)
        .limit(limit)
        .subquery()
    )
    columns = [received_notice.c[name] for name in Waiting.__dataclass_fields__]
    of_page = (page.c.placing_authority == _notice.placing_authority) & (page.c.id == _notice.id)
    rows = connection.execute(
        select(*columns).join_from(page, received_notice, of_page).order_by(*order)
    )
    return [Waiting(*row) for row in rows]


def saved(
    connection: Connection,
    node: Node,
    who: Principal,
    area: str,
    wanted: InboxFilter,
    reason: str,
) -> list[Waiting]:
    """All that is wanted, to be saved as a file; that it was is in the audit, with the reason.

    Raises NotAllowed, ReasonWanted.
    """
    require(who, Action.SAVE_NOTICE_LISTS, area, reason)
    found = waiting(connection, node, who, area, wanted)
    note(
        connection,
        node,
        who,
        Action.SAVE_NOTICE_LISTS,
        authority=area,
        record=f"notices/{wanted.view}",
        reason=reason,
        detail=counted(len(found), "notice"),
    )
    return found


def count_views(
    connection: Connection, node: Node, who: Principal, area: str, wanted: InboxFilter
) -> dict[View, int]:
    """How many there are in each view of what is wanted. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    today = london_day(node.now())
    narrowed = _narrowed(node, area, wanted)
    counts = connection.execute(
        select(
            *(
                func.coalesce(func.sum(case((_in_view(one, who, today), 1), else_=0)), 0).label(one)
                for one in VIEWS
            )
        ).where(narrowed)
    ).one()
    return {one: counts._mapping[one] for one in VIEWS}


def senders(connection: Connection, who: Principal, area: str) -> Sequence[str]:
    """The authorities from which a notice has come, GSS codes. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    return connection.scalars(
        select(_notice.placing_authority).where(_notice.area_authority == area).distinct()
    ).all()


def is_live(today: date) -> ColumnElement[bool]:
    """Neither ended nor withdrawn. Somebody who leaves on a day is there on that day."""
    return and_(
        or_(_notice.ended_on.is_(None), _notice.ended_on >= today), _notice.withdrawn_at.is_(None)
    )


def _of(node: Node, who: Principal, area: str, wanted: InboxFilter) -> ColumnElement[bool]:
    today = london_day(node.now())
    return and_(_narrowed(node, area, wanted), _in_view(wanted.view, who, today))


def _in_view(view: View, who: Principal, today: date) -> ColumnElement[bool]:
    match view:
        case "open":
            return and_(is_live(today), _notice.acknowledged_at.is_(None))
        case "mine":
            return and_(is_live(today), _notice.taken_by == (person_id(who) or ""))
        case "ended":
            return or_(_notice.ended_on < today, _notice.withdrawn_at.is_not(None))
        case "all":
            return true()


def _narrowed(node: Node, area: str, wanted: InboxFilter) -> ColumnElement[bool]:
    """All that is asked for but the view."""
    asked: list[ColumnElement[bool]] = [_notice.area_authority == area]
    if wanted.sender:
        asked.append(_notice.placing_authority == wanted.sender)
    if wanted.holder == NOBODY:
        asked.append(_notice.taken_by.is_(None))
    elif wanted.holder:
        asked.append(_notice.taken_by == wanted.holder)
    if wanted.due:
        asked += [_notice.acknowledged_at.is_(None), *_due(node, area, wanted.due)]
    return and_(*asked)


def _due(node: Node, area: str, state: State) -> list[ColumnElement[bool]]:
    today = london_day(node.now())
    overdue = _notice.received_at < came_before(node, area, today)
    soon = _notice.received_at < came_before(node, area, today + timedelta(days=1))
    match state:
        case "overdue":
            return [overdue]
        case "today":
            return [~overdue, soon]
        case "later":
            return [~soon]
