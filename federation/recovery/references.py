"""What is current in our own log, worked out from its entries and records.

`node.db` keeps, for each thing that is published, which entry is current, and names that one when
the next version is published. After the log was read back this is worked out anew. What a record
is a version of is known to who published it (`Recall.reference_of`); where its payload is gone, to
the entry that it replaced.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any, Protocol

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from federation import tables
from federation.node import Node
from federation.store import OWN
from federation.tables import Payload
from protocols.encoding import b64url
from protocols.entries import SALT_SIZE, Entry, decode_entry, erase_entry, retire_entry
from protocols.errors import Malformed

_CHUNK = 4096


class Recall(Protocol):
    """What published the records knows of them."""

    def reference_of(self, record: bytes) -> str | None:
        """What a record is a version of, as it was staged; None for what it does not know."""

    def recall(self, connection: Connection, node: Node, current: Mapping[str, bytes]) -> None:
        """Take note, in the caller's transaction, of what is current: the SHA-256 of each record,
        by reference, without those whose payload is gone.
        """


def settle_current(connection: Connection, node: Node, recall: Recall) -> int:
    """Work out `current` anew, and drop what is staged and stands in the log already.

    Gives how many staged rows did. In the caller's transaction.
    """
    staged = {
        b64url(sha256(row.blob).digest()): row
        for row in connection.execute(select(tables.staged))
        if row.operation == "publish"
    }
    of = {row.idx: row.reference for row in connection.execute(select(tables.current))}
    live: dict[str, int] = {}
    digests: dict[str, bytes | None] = {}
    others: set[bytes] = set()
    done: list[int] = []
    for index, entry, raw, blob in _entries(connection):
        row = staged.get(entry.digest) if entry.digest else None
        if row is not None:
            done.append(row.id)
            blob = _keep(connection, index, blob, row.blob)
        gone = [of[one] for one in entry.earlier if one in of and live.get(of[one]) == one]
        for reference in gone:
            del live[reference]
        if entry.op != "publish":
            others.add(raw)
            continue
        record = blob[SALT_SIZE:] if blob else None
        reference = (
            (row.reference if row is not None else None)
            or (recall.reference_of(record) if record else None)
            or of.get(index)
            or (gone[0] if gone else None)
        )
        if reference is not None:
            of[index] = reference
            live[reference] = index
            digests[reference] = sha256(record).digest() if record else None
    done += _said_already(connection, of, others)
    for number in done:
        connection.execute(delete(tables.staged).where(tables.staged.c.id == number))
    connection.execute(delete(tables.current))
    if live:
        connection.execute(
            insert(tables.current),
            [{"reference": reference, "idx": index} for reference, index in live.items()],
        )
    recall.recall(
        connection,
        node,
        {name: digest for name in live if (digest := digests[name]) is not None},
    )
    return len(done)


def _entries(connection: Connection) -> Iterator[tuple[int, Entry, bytes, bytes | None]]:
    entry = tables.own_entry
    rows = connection.execute(
        select(entry.c.idx, entry.c.raw, entry.c.blob)
        .where(entry.c.log == OWN)
        .order_by(entry.c.idx),
        execution_options={"yield_per": _CHUNK},
    )
    for chunk in rows.partitions():
        for row in chunk:
            try:
                yield row.idx, decode_entry(row.raw, row.idx), row.raw, row.blob
            except Malformed:
                continue


def _keep(connection: Connection, index: int, held: bytes | None, staged: bytes) -> bytes | None:
    """A payload that is staged here and wanting in the log; not one that was erased since."""
    if held is not None:
        return held
    entry = tables.own_entry
    kept = connection.execute(
        update(entry)
        .where(entry.c.idx == index, entry.c.payload == Payload.WANTING)
        .values(blob=staged, payload=Payload.HELD)
    )
    return staged if kept.rowcount else None


def _said_already(connection: Connection, of: Mapping[int, str], others: set[bytes]) -> list[int]:
    """Staged retirements and erasures whose entry, of the same time, stands in the log."""
    indexes: dict[str, list[int]] = {}
    for index, reference in of.items():
        indexes.setdefault(reference, []).append(index)
    rows = connection.execute(select(tables.staged).where(tables.staged.c.operation != "publish"))
    return [
        row.id
        for row in rows
        if any(raw in others for raw in _as_staged(row, indexes.get(row.reference, [])))
    ]


def _as_staged(row: Row[Any], indexes: Sequence[int]) -> list[bytes]:
    """The entries that may have come of a staged row, where it named one of these."""
    if row.operation == "erase":
        named = msgspec.json.decode(row.earlier, type=list[int])
        return [erase_entry(named, row.staged_at)]
    return [retire_entry(index, row.staged_at) for index in indexes]
