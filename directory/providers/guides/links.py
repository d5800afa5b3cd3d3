"""Links by which a child reads a guide without signing in: random, kept as a digest, for a time.

The token stands in the address alone, and that in no log: neither ours nor, as `deploy/nginx.conf`
has it, the proxy's.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from directory.providers.guides.errors import LinkOver
from directory.providers.guides.models import guide_link
from directory.providers.guides.writing import note_guide, read_guide, require_whole
from directory.providers.statements.desks import Desk, require_at
from directory.security.rights.principal import Principal
from federation import Node

LASTS = timedelta(days=28)
_TOKEN_SIZE = 32


@dataclass(frozen=True, slots=True)
class Link:
    """That there is a link, without it."""

    made_by: str
    made_at: datetime
    ends_at: datetime


def make_link(connection: Connection, node: Node, who: Principal, desk: Desk) -> str:
    """A new link's token. Raises NotAllowed, or NotReady while the guide lacks what it must say."""
    audited = require_at(connection, node, who, desk)
    written = read_guide(connection, node, desk.urn, desk.authority)
    require_whole(written.guide if written else None)
    token, now = secrets.token_urlsafe(_TOKEN_SIZE), node.now()
    connection.execute(delete(guide_link).where(guide_link.c.ends_at <= now))
    connection.execute(
        insert(guide_link).values(
            digest=_digest(token),
            urn=desk.urn,
            authority=desk.authority,
            made_by=who.name[:200],
            made_at=now,
            ends_at=now + LASTS,
        )
    )
    note_guide(connection, node, who, audited, desk.urn, "make a link to")
    return token


def open_link(connection: Connection, node: Node, token: str) -> Desk:
    """Whose guide a link opens. Raises LinkOver."""
    row = connection.execute(
        select(guide_link.c.authority, guide_link.c.urn).where(
            guide_link.c.digest == _digest(token), guide_link.c.ends_at > node.now()
        )
    ).one_or_none()
    if row is None:
        raise LinkOver("This link has come to its end")
    return Desk(row.authority, row.urn)


def links_of(connection: Connection, node: Node, desk: Desk) -> list[Link]:
    """The links to a guide that still open it, the latest first."""
    rows = connection.execute(
        select(guide_link.c.made_by, guide_link.c.made_at, guide_link.c.ends_at)
        .where(_of(desk), guide_link.c.ends_at > node.now())
        .order_by(guide_link.c.made_at.desc())
    )
    return [Link(*row) for row in rows]


def end_links(connection: Connection, node: Node, who: Principal, desk: Desk) -> None:
    """End all links to a guide at once. Raises NotAllowed."""
    audited = require_at(connection, node, who, desk)
    if connection.execute(delete(guide_link).where(_of(desk))).rowcount:
        note_guide(connection, node, who, audited, desk.urn, "end all links to")


def _of(desk: Desk) -> ColumnElement[bool]:
    return (guide_link.c.urn == desk.urn) & (guide_link.c.authority == desk.authority)


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
