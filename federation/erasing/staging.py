"""An author erases: its own payloads at once, and everybody else's by an entry of its log.

What is destroyed is noted beside the keys first, so that no backup brings it back.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from federation import tables
from federation.database import forget_deleted, reading, will_forget, writing
from federation.erasing.destroyed import add_destroyed
from federation.erasing.obeying import by_the_entry, destroy_unsaid
from federation.locks import hold
from federation.node import Node
from federation.sequencer import PUBLISH
from federation.statements import in_parts
from federation.store import OWN, followed_logs
from federation.tables import Payload
from protocols.entries import decode_entry
from protocols.errors import Malformed

DIGITS = 16
_mine = tables.own_entry.c


def stage_erasure(
    connection: Connection, node: Node, reference: str, versions: Collection[int]
) -> list[int]:
    """Destroy every version of a reference's record in `node.db` and queue the entries by which
    everybody else does, in the caller's transaction.

    `versions` are the entries of our log that are known to publish one; what they replaced, and
    what was staged, goes with them. Gives the entries that are named, in rising order. After the
    commit, `finish_erasure`.
    """
    hold(connection, PUBLISH)
    theirs = tables.staged.c.reference == reference
    connection.execute(delete(tables.staged).where(theirs, tables.staged.c.operation == "publish"))
    latest = tables.current.c.reference == reference
    held = connection.scalars(select(tables.current.c.idx).where(latest)).all()
    connection.execute(delete(tables.current).where(latest))
    named = _with_earlier(connection, {*versions, *held})
    destroy_own(connection, node, reference, named)
    return named


def finish_erasure(node: Node, named: Collection[int]) -> bool:
    """Destroy these entries' payloads in `replica.db` too, without waiting for the log, and what
    either database still keeps of them; whether nothing is left. The worker does what is.
    """
    _destroy_followed(node, named)
    done = [forget_deleted(engine) for engine in (node.node_db, node.replica)]
    return all(done)


def _with_earlier(connection: Connection, versions: set[int]) -> list[int]:
    """These entries and all that they replaced, as far as they publish and are not erased yet."""
    found: set[int] = set()
    ahead = versions
    while ahead:
        rows: list[Any] = []
        for part in in_parts(ahead):
            rows += connection.execute(
                select(_mine.idx, _mine.raw, _mine.payload).where(_mine.idx.in_(part))
            ).all()
        read = {row.idx: _replaced(row.idx, row.raw) for row in rows}
        found |= {row.idx for row in rows if row.payload in (Payload.HELD, Payload.WANTING)}
        ahead = {one for earlier in read.values() for one in earlier} - found - read.keys()
    return sorted(found)


def _replaced(index: int, raw: bytes) -> tuple[int, ...]:
    try:
        entry = decode_entry(raw, index)
    except Malformed:
        return ()
    return entry.earlier if entry.op == "publish" else ()


def destroy_own(connection: Connection, node: Node, reference: str, named: list[int]) -> None:
    """Destroy payloads of our own log in `node.db`, note them beside the keys, and queue the
    entries that name them, in the transaction of whoever holds PUBLISH.
    """
    add_destroyed(file_of(node), [f"{index:0{DIGITS}x}" for index in named])
    for part in in_parts(named):
        connection.execute(
            update(tables.own_entry)
            .where(_mine.log == OWN, _mine.idx.in_(part))
            .values(blob=None, payload=Payload.ERASED)
        )
    rows = [
        {
            "reference": reference,
            "blob": b"",
            "staged_at": node.now(),
            "operation": "erase",
            "earlier": msgspec.json.encode(part).decode(),
        }
        for part in by_the_entry(named)
    ]
    if rows:
        connection.execute(insert(tables.staged), rows)
    will_forget(connection)


def _destroy_followed(node: Node, named: Collection[int]) -> None:
    with reading(node.replica) as connection:
        logs = followed_logs(connection).values()
    log = next((one for one in logs if one.node == node.name), None)
    if log is not None and named:
        with writing(node.replica) as connection:
            destroy_unsaid(connection, node, log, node.member, named)


def file_of(node: Node) -> Path:
    """Where the indexes are noted of what was erased of our own log, each of DIGITS digits."""
    return node.folder / "keys" / "erased-entries"
