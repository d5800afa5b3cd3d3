"""Sessions of people who signed in, or are about to: a random token, kept as a digest alone.

A session ends 12 hours after it began; of those who may open a child's record, after 30 minutes in
which it was not used. Every step of signing in gives a new token, so that one that was planted or
seen before is worth nothing after. Only a session that is `IN` is anybody's.
"""

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from directory.security.audit.service import note
from directory.security.people.grants import only_authority, principal_of
from directory.security.people.models import person, session
from directory.security.rights.principal import Principal
from directory.security.rights.roles import Role
from directory.security.rights.service import require
from directory.security.rights.table import RIGHTS, Action
from federation import Node

LONGEST = timedelta(hours=12)
IDLE = timedelta(minutes=30)
HALF_WAY = timedelta(minutes=15)
# Written down no oftener: a look at a page must not wait for the database's one writer.
NOTED_EVERY = timedelta(minutes=1)
# What is over stays known so long, and opens nothing: a form of it says whose it was.
REMEMBERED = timedelta(days=1)
TOKEN_SIZE = 32

READ_CHILDRENS_RECORDS = frozenset(
    holder for row in RIGHTS.values() if row.reason for holder in row.holders
) & frozenset(Role)


class Stage(StrEnum):
    """How far someone has come."""

    CODE_WANTED = "code wanted"
    SET_UP_WANTED = "set-up wanted"
    IN = "signed in"


@dataclass(frozen=True, slots=True)
class Session:
    """A session, as its owner may see it."""

    id: str
    person: str
    stage: Stage
    browser: str
    started_at: datetime
    used_at: datetime


@dataclass(frozen=True, slots=True)
class Visitor:
    """Whose session a token is of."""

    session: Session
    principal: Principal


# Made once: every page asks it, and to build a statement costs more than to run it.
_VISITOR = (
    select(*(session.c[name] for name in Session.__dataclass_fields__), person.c.name)
    .join(person, person.c.id == session.c.person)
    .where(
        session.c.digest == bindparam("digest"),
        session.c.ends_at > bindparam("now"),
        person.c.disabled_at.is_(None),
    )
)


def start(connection: Connection, who: str, stage: Stage, browser: str, now: datetime) -> str:
    """Begin a session; gives the token for the cookie. Sessions that are over are cleared away."""
    token = secrets.token_urlsafe(TOKEN_SIZE)
    connection.execute(delete(session).where(session.c.ends_at < now - REMEMBERED))
    connection.execute(
        insert(session).values(
            digest=_digest(token),
            id=secrets.token_hex(8),
            person=who,
            stage=stage,
            browser=browser,
            started_at=now,
            used_at=now,
            ends_at=now + (LONGEST if stage is Stage.IN else HALF_WAY),
        )
    )
    return token


def visitor(
    connection: Connection, token: str, served: frozenset[str], now: datetime
) -> Visitor | None:
    """Whose session it is, with the roles that they have now; None if it is over, or nobody's."""
    row = connection.execute(_VISITOR, {"digest": _digest(token), "now": now}).one_or_none()
    if row is None:
        return None
    who = principal_of(connection, row.person, row.name, served)
    reads = any(one.holder in READ_CHILDRENS_RECORDS for one in who.grants)
    if reads and now - row.used_at > IDLE:
        return None
    return Visitor(_session(row), who)


def ended_session(connection: Connection, token: str, now: datetime) -> str | None:
    """The id of who was signed in with a session that has ended by itself, not long ago. It opens
    nothing any more; None for every other token.
    """
    return connection.scalar(
        select(session.c.person)
        .join(person, person.c.id == session.c.person)
        .where(
            session.c.digest == _digest(token),
            session.c.stage == Stage.IN,
            session.c.ends_at > now - REMEMBERED,
            person.c.disabled_at.is_(None),
        )
    )


def note_use(connection: Connection, token: str, now: datetime) -> None:
    """Write down that a session is in use."""
    connection.execute(
        update(session).where(session.c.digest == _digest(token)).values(used_at=now)
    )


def sessions_of(connection: Connection, who: str, now: datetime) -> Sequence[Session]:
    """Where a person is signed in, the latest use first."""
    columns = [session.c[name] for name in Session.__dataclass_fields__]
    rows = connection.execute(
        select(*columns)
        .where(session.c.person == who, session.c.stage == Stage.IN, session.c.ends_at > now)
        .order_by(session.c.used_at.desc(), session.c.id)
    )
    return [_session(row) for row in rows]


def end(connection: Connection, token: str) -> None:
    """End the session of a token."""
    connection.execute(delete(session).where(session.c.digest == _digest(token)))


def end_one(connection: Connection, node: Node, who: Principal, owner: str, named: str) -> bool:
    """End one of a person's own sessions; whether there was one of that name."""
    require(who, Action.MANAGE_OWN_ACCOUNT)
    ended = connection.execute(
        delete(session).where(session.c.person == owner, session.c.id == named)
    )
    if ended.rowcount == 1:
        authority = only_authority(connection, owner)
        note(connection, node, who, "end a session", authority=authority, record=f"person/{owner}")
    return ended.rowcount == 1


def end_all(connection: Connection, who: str) -> None:
    """End every session of a person."""
    connection.execute(delete(session).where(session.c.person == who))


_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"))
_SYSTEMS = (
    *(("Windows", "Windows"), ("Android", "Android"), ("iPhone", "an iPhone")),
    *(("iPad", "an iPad"), ("Mac OS", "a Mac"), ("Linux", "Linux")),
)


def browser_of(user_agent: str) -> str:
    """A browser in the words of its owner: "Firefox on Windows". Nothing else of it is kept."""
    found = [shown for sign, shown in (*_BROWSERS, ("Safari", "Safari")) if sign in user_agent]
    on = [shown for sign, shown in _SYSTEMS if re.search(rf"\b{sign}", user_agent)]
    return f"{found[0] if found else 'A browser'} on {on[0] if on else 'a machine'}"


def _session(row: Any) -> Session:
    known = {name: getattr(row, name) for name in Session.__dataclass_fields__}
    return Session(**{**known, "stage": Stage(row.stage)})


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
