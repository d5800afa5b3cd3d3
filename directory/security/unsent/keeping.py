"""What somebody typed into a form whose session had ended, until they have signed in again.

- It is sealed under a key that is made from its handle, and the handle lies with the browser alone:
  of what it says nothing can be read here before its person comes back, not even with all of the
  node's own keys. So nothing of it opens from a backup, and who loses the handle has destroyed it.
- It is one person's: of the session that the form was shown to. Whoever else brings the handle
  destroys it.
- It lasts for half an hour, and until it is sent. A person has one at a time, of a bounded size,
  and the later takes the place of the earlier a few times only; of all of them those that end first
  give way. So with old cookies nobody fills the disk, or keeps it busy.
"""

import hmac
import secrets
from datetime import timedelta

import msgspec
from msgspec import Struct
from msgspec.json import Decoder
from sqlalchemy import Connection, delete, func, insert, select

from directory.security.unsent.models import unsent_form
from directory.security.vault.sealing import open_value, seal_value
from federation import Node, hold, reading, writing

KEPT_FOR = timedelta(minutes=30)
LARGEST = 1024 * 1024
"""Bytes of one form: more than any form takes."""
MOST = 32 * LARGEST
MOST_TIMES = 10
"""That a person's form is kept in the place of their last, until none has been for half an hour."""

_table = unsent_form.c
_PLACE = ("unsent_form", "sealed")


class Unsent(Struct, frozen=True):
    """A form: where it was sent, what was typed, and the names of files that came with it, which
    are not kept.
    """

    address: str
    typed: tuple[tuple[str, str], ...]
    files: tuple[str, ...] = ()


_unsent = Decoder(Unsent)


def keep(node: Node, person: str, form: Unsent) -> str | None:
    """The handle of a form that is kept from now on, which is kept nowhere here; None for one that
    is too large, or one too many.
    """
    raw, handle, now = msgspec.json.encode(form), secrets.token_urlsafe(32), node.now()
    if len(raw) > LARGEST:
        return None
    with writing(node.node_db) as connection:
        hold(connection, "unsent forms")
        connection.execute(delete(unsent_form).where(_table.ends_at <= now))
        mine = _table.person == person
        times = connection.scalar(select(_table.times).where(mine)) or 0
        if times >= MOST_TIMES:
            return None
        connection.execute(delete(unsent_form).where(mine))
        _make_room(connection, len(raw))
        connection.execute(
            insert(unsent_form).values(
                person=person,
                digest=_digest(handle),
                sealed=seal_value(_key(handle), *_PLACE, person, raw),
                size=len(raw),
                times=times + 1,
                ends_at=now + KEPT_FOR,
            )
        )
    return handle


def kept_form(node: Node, handle: str, person: str) -> Unsent | None:
    """A person's own form. For anybody else there is none, and then none at all."""
    with reading(node.node_db) as connection:
        row = connection.execute(
            select(_table.person, _table.sealed).where(
                _table.digest == _digest(handle), _table.ends_at > node.now()
            )
        ).one_or_none()
    if row is None:
        return None
    if row.person != person:
        drop(node, handle)
        return None
    return _unsent.decode(open_value(_key(handle), *_PLACE, person, row.sealed))


def drop(node: Node, handle: str) -> None:
    """Forget a form: it has been sent, or somebody else came for it."""
    with writing(node.node_db) as connection:
        connection.execute(delete(unsent_form).where(_table.digest == _digest(handle)))


def end_unsent(node: Node) -> None:
    """Delete what nobody has come for: a chore of the worker's."""
    over = _table.ends_at <= node.now()
    with reading(node.node_db) as connection:
        if connection.scalar(select(_table.person).where(over).limit(1)) is None:
            return
    with writing(node.node_db) as connection:
        connection.execute(delete(unsent_form).where(over))


def _make_room(connection: Connection, size: int) -> None:
    while (connection.scalar(select(func.sum(_table.size))) or 0) + size > MOST:
        first = select(_table.person).order_by(_table.ends_at, _table.person).limit(1)
        connection.execute(delete(unsent_form).where(_table.person == first.scalar_subquery()))


def _digest(handle: str) -> bytes:
    return hmac.digest(handle.encode(), b"commonhearth/unsent/name/1\n", "sha256")


def _key(handle: str) -> bytes:
    return hmac.digest(handle.encode(), b"commonhearth/unsent/key/1\n", "sha256")
