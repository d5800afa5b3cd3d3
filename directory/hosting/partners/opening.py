"""A partner's page: opened with the link that came by email and the code told by telephone.

To look at the link is no opening and shows nothing: link scanners do that. Each opening is noted
with the name that was given, and is in the audit of the authority's records, for the purpose and
lawful basis on which the partner may see it. Who tries codes is paused.
"""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import Connection, Row, insert, select, update

from directory.country.reference.working_days import london_day
from directory.hosting.partners.errors import PageOver, WrongCode
from directory.hosting.partners.fields import said_by
from directory.hosting.partners.keeping import Partner, as_partner
from directory.hosting.partners.models import partner, partner_opening, partner_told
from directory.hosting.partners.notice_now import notice_now
from directory.hosting.partners.sending import digest_of
from directory.security.audit.service import note
from directory.security.people.pauses import Counted, count_attempt, forgive
from directory.security.people.told_codes import is_code
from directory.security.rights.principal import Principal
from federation import Node, reading, writing
from protocols.partners import Event, Said

_TRIES = 5


@dataclass(frozen=True, slots=True)
class Waiting:
    """A page before it is opened: nothing of a child."""

    area_authority: str
    notice: str
    event: Event
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A page that was opened."""

    waiting: Waiting
    partner: str
    purpose: str
    said: tuple[Said, ...]


def look_at_page(node: Node, token: str) -> Waiting:
    """That there is such a page. Raises PageOver."""
    with reading(node.node_db) as connection:
        return _waiting(_row(connection, node, token))


def open_page(node: Node, token: str, name: str, code: str) -> Shown:
    """What a partner may see, to who has link and code; the opening is noted. Raises PageOver,
    WrongCode, or people's Paused.
    """
    with reading(node.node_db) as connection:
        row = _row(connection, node, token)
        stored = _partner(connection, row)
    counted = (Counted(f"partner page\0{row.id}", _TRIES), Counted(f"partner\0{row.partner}", 20))
    count_attempt(node.node_db, counted, node.now())
    held = stored.code_ends_at is not None and stored.code_ends_at > node.now()
    if not is_code(stored.code_hash if held else None, code):
        raise WrongCode("The code is not right, or holds no more")
    with writing(node.node_db) as connection:
        row = _row(connection, node, token)  # it may have ended meanwhile
        forgive(connection, counted)
        to = as_partner(_partner(connection, row))
        said = _said(connection, node, row, to)
        _note_opening(connection, node, row, to, name)
        return Shown(_waiting(row), to.said.name, to.said.purpose, said)


def _said(
    connection: Connection, node: Node, row: Row[*tuple[object, ...]], to: Partner
) -> tuple[Said, ...]:
    now = notice_now(connection, node, row.area_authority, row.placing_authority, row.notice)
    if row.event != "ended" and now.ended_on and now.ended_on < london_day(node.now()):
        raise PageOver("The placement has ended, and this page with it")
    return said_by(now, row.placing_authority, to.said.fields, row.event)


def _note_opening(
    connection: Connection, node: Node, row: Row[*tuple[object, ...]], to: Partner, name: str
) -> None:
    now = node.now()
    connection.execute(
        insert(partner_opening).values(id=token_hex(16), told=row.id, at=now, by=name[:200])
    )
    connection.execute(
        update(partner_told)
        .where(partner_told.c.id == row.id)
        .values(
            state="sent" if row.state == "failed" else row.state,
            problem=None,
            opened_at=row.opened_at or now,
        )
    )
    note(
        connection,
        node,
        Principal(f"partner:{to.id}", name[:200], frozenset()),
        "open what a partner was told",
        authority=row.area_authority,
        record=f"notice/{row.notice}",
        reason=f"{to.said.purpose}: {to.said.lawful_basis}"[:400],
        detail=f"fields: {', '.join(to.said.fields)}",
    )


def _row(connection: Connection, node: Node, token: str) -> Row[*tuple[object, ...]]:
    row = connection.execute(
        select(partner_told).where(
            partner_told.c.token == digest_of(token),
            partner_told.c.page_ends_at > node.now(),
        )
    ).one_or_none()
    if row is None:
        raise PageOver("This page has come to its end")
    return row


def _partner(connection: Connection, row: Row[*tuple[object, ...]]) -> Row[*tuple[object, ...]]:
    found = connection.execute(
        select(partner).where(partner.c.id == row.partner, partner.c.ended_at.is_(None))
    ).one_or_none()
    if found is None:
        raise PageOver("This page has come to its end")
    return found


def _waiting(row: Row[*tuple[object, ...]]) -> Waiting:
    return Waiting(row.area_authority, row.notice, row.event, row.page_ends_at)
