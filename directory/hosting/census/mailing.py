"""Asking homes without a node by email: a link of each home's own, and no word of who lives there.

The link's token is drawn anew at each attempt and committed before it leaves, so one that may have
left twice opens once; it ends the one before.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Row, select, update

from directory.country.authorities.service import authority_name
from directory.homes.labels import day
from directory.hosting.census.answers import digest_of
from directory.hosting.census.contacts import addresses
from directory.hosting.census.models import LINK_LASTS, census, census_home
from directory.security.mail.emails import (
    GIVEN_UP,
    NO_MAILER,
    Email,
    Mailer,
    NotTaken,
    retry_after,
)
from directory.security.mail.watching import remember
from federation import Node, reading, writing

_AT_ONCE = 100
_OPEN = census_home.c.answered_at.is_(None) & census_home.c.claim.is_(None)


def queue_mails(
    connection: Connection,
    node: Node,
    area: str,
    number: str,
    urns: frozenset[str] | None = None,
) -> int:
    """Have those written to that have no node, have not answered, and whose address is known; of
    them these `urns`, where they are given. Gives how many.
    """
    asked = (census_home.c.census == number) & _OPEN
    rows = connection.execute(select(census_home.c.number, census_home.c.urn).where(asked)).all()
    wanted = {row.urn: row.number for row in rows if urns is None or row.urn in urns}
    known = addresses(connection, node, area, frozenset(wanted))
    now = node.now()
    values = {"mail": "queued", "mail_attempts": 0, "mail_problem": None, "mail_sent_at": None}
    for urn in known:
        connection.execute(
            update(census_home)
            .where(census_home.c.number == wanted[urn])
            .values(mail_queued_at=now, mail_next=now, **values)
        )
    return len(known)


@dataclass(frozen=True, slots=True)
class MailHomes:
    """A chore of the worker's. Without a `mailer` emails wait; `pages_at` is where pages are, such
    as https://hearth.leeds.example.
    """

    mailer: Mailer | None
    pages_at: str

    def __call__(self, node: Node) -> None:
        """Write to whoever is due."""
        with reading(node.node_db) as connection:
            due = connection.scalars(
                select(census_home.c.number)
                .where(_due(node))
                .order_by(census_home.c.mail_next, census_home.c.number)
                .limit(_AT_ONCE)
            ).all()
        for number in due:
            self._write(node, number)

    def _write(self, node: Node, number: str) -> None:
        token, now = secrets.token_urlsafe(32), node.now()
        with writing(node.node_db) as connection:
            row = connection.execute(
                select(census_home, census.c.area, census.c.as_at, census.c.answer_by)
                .join(census, census.c.id == census_home.c.census)
                .where(census_home.c.number == number, _due(node))
                .with_for_update(of=census_home)
            ).one_or_none()
            if row is None:
                return
            attempt: dict[str, object] = {
                "mail_attempts": row.mail_attempts + 1,
                "mail_next": now + retry_after(row.mail_attempts),
            }
            to = addresses(connection, node, row.area, frozenset({row.urn})).get(row.urn)
            if self.mailer is None:
                _change(connection, number, **attempt, mail_problem=NO_MAILER)
                return
            if to is None:
                _change(connection, number, mail="failed", mail_problem="The address is gone")
                return
            link = {"link": digest_of(token), "link_ends_at": now + LINK_LASTS}
            _change(connection, number, **attempt, **link)
        went = self.mailer.hand_over(_email(row, to, f"{self.pages_at}/census/{token}"))
        with writing(node.node_db) as connection:
            if isinstance(went, NotTaken):
                over = went.for_good or now - row.mail_queued_at > GIVEN_UP
                state = "failed" if over else "queued"
                _change(connection, number, mail=state, mail_problem=went.why)
            else:
                _change(connection, number, mail="sent", mail_sent_at=now, mail_problem=None)
                remember(connection, went, "census", number, now)


def note_returned(
    connection: Connection, _node: Node, number: str, sent_at: datetime, why: str
) -> None:
    """Note that the email which left at a moment did not arrive, unless another has left since."""
    that = (
        (census_home.c.number == number)
        & (census_home.c.mail == "sent")
        & (census_home.c.mail_sent_at == sent_at)
    )
    connection.execute(update(census_home).where(that).values(mail="failed", mail_problem=why))


def _due(node: Node) -> ColumnElement[bool]:
    return _OPEN & (census_home.c.mail == "queued") & (census_home.c.mail_next <= node.now())


def _change(connection: Connection, number: str, **columns: object) -> None:
    """Only of what still waits: the census may have been closed meanwhile."""
    mine = (census_home.c.number == number) & (census_home.c.mail == "queued")
    connection.execute(update(census_home).where(mine).values(**columns))


def _email(row: Row[*tuple[object, ...]], to: str, address: str) -> Email:
    area = authority_name(row.area)
    return Email(
        to,
        f"{area} asks your home, URN {row.urn}, for numbers",
        f"{area} asks every home in its area how many live there whom which authority has placed, "
        f"on {day(row.as_at)}: numbers, and no names. This is for the home with the URN "
        f"{row.urn}.\n\nEnter the numbers here by {day(row.answer_by)}:\n\n{address}\n\n"
        f"Whoever has the link enters them, so give it to nobody else. It ends after "
        f"{LINK_LASTS.days} days, and with the next email. If you do not know what this is about, "
        f"call {area}.\n",
    )
