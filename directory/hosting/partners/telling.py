"""Who was told what of a notice, who opened it when, and what was not delivered: for the desk."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update

from directory.hosting.partners.errors import NoSuchPartner
from directory.hosting.partners.keeping import Particulars, as_partner
from directory.hosting.partners.models import partner, partner_opening, partner_told
from directory.privacy.restricting.closing import closed_to, require_open
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node


@dataclass(frozen=True, slots=True)
class Opening:
    """That somebody opened it, by the name that they gave."""

    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a partner was told: `state` is waiting, sent, failed, told (by telephone) or over."""

    id: str
    placing_authority: str
    notice: str
    partner: Particulars
    is_partner: bool
    event: str
    state: str
    problem: str | None
    queued_at: datetime
    sent_at: datetime | None
    page_ends_at: datetime | None
    told_by: str | None
    openings: tuple[Opening, ...]


def told_of(connection: Connection, who: Principal, area: str, notice: str) -> list[Told]:
    """What partners were told of one notice, by partner and time. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    return _told(
        connection, (partner_told.c.area_authority == area) & (partner_told.c.notice == notice)
    )


def not_delivered(connection: Connection, who: Principal, area: str) -> list[Told]:
    """What did not reach a partner of an authority, by partner and time, without what is of records
    closed to who asks. Raises NotAllowed.
    """
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    closed = closed_to(connection, who, area)
    found = _told(connection, _failed(area))
    return [one for one in found if f"notice/{one.notice}" not in closed]


def count_not_delivered(connection: Connection, who: Principal, area: str) -> int:
    """How much did not reach a partner of an authority. Raises NotAllowed."""
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    found = select(func.count()).select_from(partner_told).where(_failed(area))
    return connection.scalar(found) or 0


def notices_not_delivered(
    connection: Connection, area: str, notices: Collection[str]
) -> frozenset[str]:
    """Of these notices, those of which a partner was not reached."""
    return frozenset(
        connection.scalars(
            select(partner_told.c.notice).where(_failed(area), partner_told.c.notice.in_(notices))
        )
    )


def tell_again(
    connection: Connection, node: Node, who: Principal, area: str, notice: str, told: str
) -> None:
    """Tell a partner once more, with a new link. Raises NotAllowed, NoSuchPartner, Restricted."""
    require(who, Action.TELL_PARTNERS, area)
    require_open(connection, who, area, f"notice/{notice}")
    now = node.now()
    again = {"state": "waiting", "problem": None, "next_attempt": now, "queued_at": now}
    _settle(connection, area, notice, told, {**again, "attempts": 0, "sent_at": None})
    _note(connection, node, who, area, notice, told, "once more")


def told_by_telephone(
    connection: Connection, node: Node, who: Principal, area: str, notice: str, told: str
) -> None:
    """Note that somebody here told a partner what it may know. Raises NotAllowed, NoSuchPartner,
    Restricted.
    """
    require(who, Action.TELL_PARTNERS, area)
    require_open(connection, who, area, f"notice/{notice}")
    _settle(connection, area, notice, told, {"state": "told", "told_by": who.name[:200]})
    _note(connection, node, who, area, notice, told, "by telephone")


def _settle(
    connection: Connection, area: str, notice: str, told: str, columns: dict[str, object]
) -> None:
    """Only of what is not delivered: a second click changes nothing."""
    mine = (
        (partner_told.c.id == told)
        & (partner_told.c.area_authority == area)
        & (partner_told.c.notice == notice)
        & partner_told.c.state.in_(("failed", "waiting"))
        & partner_told.c.partner.in_(select(partner.c.id).where(partner.c.ended_at.is_(None)))
    )
    if connection.execute(update(partner_told).where(mine).values(columns)).rowcount != 1:
        raise NoSuchPartner("This partner was told meanwhile, or is told nothing more")


def _told(connection: Connection, which: ColumnElement[bool]) -> list[Told]:
    rows = connection.execute(
        select(partner_told)
        .join(partner, partner.c.id == partner_told.c.partner)
        .where(which)
        .order_by(partner.c.name, partner.c.id, partner_told.c.queued_at)
    ).all()
    who = {
        row.id: row
        for row in connection.execute(
            select(partner).where(partner.c.id.in_({row.partner for row in rows}))
        )
    }
    opened: dict[str, list[Opening]] = {}
    for one in connection.execute(
        select(partner_opening)
        .where(partner_opening.c.told.in_([row.id for row in rows]))
        .order_by(partner_opening.c.at, partner_opening.c.id)
    ):
        opened.setdefault(one.told, []).append(Opening(one.at, one.by))
    return [
        Told(
            row.id,
            row.placing_authority,
            row.notice,
            as_partner(who[row.partner]).said,
            who[row.partner].ended_at is None,
            row.event,
            row.state,
            row.problem,
            row.queued_at,
            row.sent_at,
            row.page_ends_at,
            row.told_by,
            tuple(opened.get(row.id, ())),
        )
        for row in rows
    ]


def _failed(area: str) -> ColumnElement[bool]:
    return (partner_told.c.area_authority == area) & (partner_told.c.state == "failed")


def _note(
    connection: Connection,
    node: Node,
    who: Principal,
    area: str,
    notice: str,
    told: str,
    how: str,
) -> None:
    note(
        connection,
        node,
        who,
        Action.TELL_PARTNERS,
        authority=area,
        record=f"notice/{notice}",
        detail=f"told/{told} {how}",
    )
