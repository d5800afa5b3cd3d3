"""Saying that two notices are of the same child, or of two; and undoing it.

Of the same child, one leaves the register of who lives here: neither is changed or destroyed.
Whoever asks is held to the table of rights first; each look and each word is in the audit.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from directory.country.reference.working_days import london_day
from directory.hosting.register.listing import asked_areas, note_shown, opened_to
from directory.hosting.register.values import Resident
from directory.hosting.same.errors import NoSuchPair
from directory.hosting.same.models import perhaps_same
from directory.notices.models import received_notice
from directory.privacy.restricting.closing import require_open
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node

Word: TypeAlias = Literal["same", "apart", "open"]
_table = perhaps_same.c


@dataclass(frozen=True, slots=True)
class Pair:
    """Two that are perhaps the same, why, and what was said of them."""

    id: str
    leaves: Resident
    stays: Resident
    why: str
    state: Word
    said_by: str | None


def count_open(connection: Connection, who: Principal, area: str) -> int:
    """How many pairs wait for a person. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    waiting = select(func.count()).where(_table.area == area, _table.state == "open")
    return connection.scalar(waiting) or 0


def pairs(connection: Connection, node: Node, who: Principal, area: str, reason: str) -> list[Pair]:
    """Every pair of an area, those that wait first, without what is closed to who asks or was
    destroyed. Raises NotAllowed, ReasonWanted.
    """
    require(who, Action.MATCH_NOTICES, area)
    asked = asked_areas(who, [area], area, reason)
    rows = connection.execute(
        select(perhaps_same)
        .where(_table.area == area)
        .order_by(_table.state != "open", _table.said_at.desc(), _table.id)
        .limit(200)
    ).all()
    keys = {(row.leaves_placing, row.leaves) for row in rows}
    keys |= {(row.stays_placing, row.stays) for row in rows}
    shown = opened_to(connection, node, who, asked, sorted(keys))
    note_shown(connection, node, who, asked, reason, shown, "perhaps the same child")
    known = {(one.placing_authority, one.id): one for one in shown}
    return [
        Pair(row.id, known[left], known[stays], row.why, row.state, row.said_by)
        for row in rows
        if (left := (row.leaves_placing, row.leaves)) in known
        and (stays := (row.stays_placing, row.stays)) in known
    ]


def settle(
    connection: Connection, node: Node, who: Principal, area: str, number: str, word: Word
) -> None:
    """Say it of a pair; "open" undoes what was said. Raises NotAllowed, NoSuchPair, Restricted."""
    require(who, Action.MATCH_NOTICES, area)
    row = _row(connection, area, number, {"open": {"same", "apart"}}.get(word, {"open"}))
    require_open(connection, who, area, f"notice/{row.leaves}", f"notice/{row.stays}")
    ended_before = row.ended_before
    if word == "same":
        ended_before = _leave(connection, node, row)
    elif row.state == "same":
        _end(connection, row, row.ended_before)
        ended_before = None
    connection.execute(
        update(perhaps_same)
        .where(_table.id == number)
        .values(
            state=word,
            ended_before=ended_before,
            said_by=None if word == "open" else who.name[:200],
            said_at=node.now(),
        )
    )
    said = {"same": "the same child as", "apart": "another child than", "open": "undone, and"}
    note(
        connection,
        node,
        who,
        Action.MATCH_NOTICES,
        authority=area,
        record=f"notice/{row.leaves}",
        detail=f"{said[word]} notice/{row.stays}",
    )


def _row(
    connection: Connection, area: str, number: str, states: Collection[str]
) -> Row[tuple[object, ...]]:
    row: Row[tuple[object, ...]] | None = connection.execute(
        select(perhaps_same)
        .where(_table.id == number, _table.area == area, _table.state.in_(states))
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchPair("Somebody has settled this meanwhile. Look at what stands there now.")
    return row


def _leave(connection: Connection, node: Node, row: Row[tuple[object, ...]]) -> date | None:
    """Have the one leave the day before the other came; gives the end that was known before."""
    notice = received_notice.c
    before: date | None = connection.scalar(
        select(notice.ended_on).where(_of(row.leaves_placing, row.leaves))
    )
    came: date | None = connection.scalar(
        select(notice.starts_on).where(_of(row.stays_placing, row.stays))
    )
    today = london_day(node.now())
    _end(connection, row, min(came or today, today) - timedelta(days=1))
    return before


def _end(connection: Connection, row: Row[tuple[object, ...]], on: date | None) -> None:
    connection.execute(
        update(received_notice).where(_of(row.leaves_placing, row.leaves)).values(ended_on=on)
    )


def _of(placing: str, notice: str) -> ColumnElement[bool]:
    return (received_notice.c.placing_authority == placing) & (received_notice.c.id == notice)
