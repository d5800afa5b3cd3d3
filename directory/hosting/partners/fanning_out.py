"""Whom a notice concerns: a row for each partner, in the transaction in which the notice came.

The worker sends. Nothing here can fail in a way that would refuse the notice itself.
"""

from datetime import date, datetime
from secrets import token_hex

from sqlalchemy import Connection, insert, select, update

from directory.country.reference.working_days import london_day
from directory.hosting.partners.models import partner, partner_told
from federation import Node
from protocols.partners import Event


def fan_out(
    connection: Connection,
    node: Node,
    *,
    area: str,
    placing: str,
    notice: str,
    event: Event = "placed",
    message: str = "",
    ends_on: date | None = None,
) -> None:
    """Have partners told of a notice that came, or of what followed it by `message`.

    Of the notice itself, every partner that may see anything; of what follows, those to whom
    something has gone before. What ends a placement, unless the day lies ahead, ends the pages
    about it, and what has not left yet stays.
    """
    now = node.now()
    about = (
        (partner_told.c.area_authority == area)
        & (partner_told.c.placing_authority == placing)
        & (partner_told.c.notice == notice)
    )
    theirs = select(partner.c.id).where(
        partner.c.authority == area, partner.c.ended_at.is_(None), partner.c.fields != "[]"
    )
    if event != "placed":
        # Whoever has learned nothing yet need not learn that there was a child.
        went = select(partner_told.c.partner).where(
            about, partner_told.c.state.in_(("sent", "failed", "told"))
        )
        theirs = theirs.where(partner.c.id.in_(went))
    told = [
        {
            "id": token_hex(16),
            "partner": one,
            "area_authority": area,
            "placing_authority": placing,
            "notice": notice,
            "event": event,
            "message": message or notice,
            "state": "waiting",
            "queued_at": now,
            "next_attempt": now,
        }
        for one in connection.scalars(theirs)
    ]
    if event == "withdrawn" or (event == "ended" and not _lies_ahead(ends_on, now)):
        stopped = about & partner_told.c.state.in_(("waiting", "failed"))
        connection.execute(update(partner_told).where(stopped).values(state="over"))
        connection.execute(update(partner_told).where(about).values(page_ends_at=now, token=None))
    if told:
        connection.execute(insert(partner_told), told)


def _lies_ahead(ends_on: date | None, now: datetime) -> bool:
    return ends_on is not None and ends_on >= london_day(now)
