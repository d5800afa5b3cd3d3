"""Links with which a person chooses a password: random, kept as a digest, for a time, for once."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select

from directory.security.people.errors import LinkUnusable
from directory.security.people.models import link, person

INVITATION = timedelta(days=7)
RESET = timedelta(hours=1)
_TOKEN_SIZE = 32


def make_link(
    connection: Connection, who: str, made_by: str, lasts: timedelta, now: datetime
) -> str:
    """A new link's token; it takes the place of any other of the person's."""
    token = secrets.token_urlsafe(_TOKEN_SIZE)
    connection.execute(delete(link).where((link.c.person == who) | (link.c.ends_at < now)))
    connection.execute(
        insert(link).values(digest=_digest(token), person=who, made_by=made_by, ends_at=now + lasts)
    )
    return token


def check_link(connection: Connection, token: str, now: datetime) -> str:
    """Whose link it is. Raises LinkUnusable."""
    who = connection.scalar(
        select(link.c.person)
        .join(person, person.c.id == link.c.person)
        .where(
            link.c.digest == _digest(token), link.c.ends_at > now, person.c.disabled_at.is_(None)
        )
    )
    if who is None:
        raise LinkUnusable(
            "This link has been used, has been replaced by a newer one, or is too old"
        )
    return str(who)


def use_link(connection: Connection, token: str, now: datetime) -> str:
    """Whose link it is; it never works again. Raises LinkUnusable."""
    who = check_link(connection, token, now)
    if connection.execute(delete(link).where(link.c.digest == _digest(token))).rowcount != 1:
        raise LinkUnusable("This link has just been used")
    return who


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
