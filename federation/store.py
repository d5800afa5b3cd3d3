"""Reading a log that this node holds: tiles, entry bundles, payload bundles and single records."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    LargeBinary,
    RowMapping,
    Select,
    Table,
    bindparam,
    delete,
    func,
    select,
)

from federation import tables
from federation.tables import Payload
from protocols.checkpoint import parse_checkpoint
from protocols.entries import SALT_SIZE, pack_blobs
from protocols.errors import Malformed
from protocols.following import VerifiedEntry, read_entry
from protocols.merkle import Frontier, Node, leaf_hash
from protocols.note import parse_note
from protocols.tiles import TILE_WIDTH, Tile, node_reader, pack_entries

OWN = 1
# Made once: to build a statement costs more than to run it.
_ENTRIES = (
    select(tables.entry.c.idx, tables.entry.c.raw, tables.entry.c.blob)
    .where(
        tables.entry.c.log == bindparam("log"),
        tables.entry.c.idx.in_(bindparam("indexes", expanding=True)),
        tables.entry.c.blob.is_not(None),
    )
    .order_by(tables.entry.c.idx)
)
_LOGS = select(tables.log).order_by(tables.log.c.node)
_SOME_LOGS = _LOGS.where(tables.log.c.id.in_(bindparam("numbers", expanding=True)))


@dataclass(frozen=True, slots=True)
class FollowedLog:
    """How far this node has verified a log, and what is in the way, if anything."""

    id: int
    node: str
    origin: str
    size: int
    root: bytes
    checkpoint: bytes | None
    verified_at: datetime | None
    trouble: str | None
    trouble_since: datetime | None


class HeldLog:
    """A log as it lies in one of the two databases; `entries` and `subtrees` are its tables."""

    def __init__(self, connection: Connection, number: int, *, own: bool) -> None:
        self._connection = connection
        self._number = number
        self._entry = tables.own_entry if own else tables.entry
        self._subtree = tables.own_subtree if own else tables.subtree

    def tile(self, tile: Tile) -> bytes:
        """The hashes of a tile; raises Malformed when the log is not that long."""
        if tile.level == 0:
            hashes = [leaf_hash(raw) for raw in self._bundle(tile, "raw")]
        else:
            table = self._subtree
            hashes = list(
                self._connection.scalars(
                    select(table.c.hash)
                    .where(
                        table.c.log == self._number,
                        table.c.level == tile.level,
                        table.c.idx >= tile.index * TILE_WIDTH,
                        table.c.idx < tile.index * TILE_WIDTH + tile.width,
                    )
                    .order_by(table.c.idx)
                )
            )
        if len(hashes) != tile.width:
            raise Malformed(f"{tile.path}: this log is not that long")
        return b"".join(hashes)

    def entries(self, tile: Tile) -> bytes:
        """The entry bundle under a level-0 tile."""
        return pack_entries(self._bundle(tile, "raw"))

    def payloads(self, tile: Tile) -> bytes:
        """The payload bundle aligned with an entry bundle."""
        return pack_blobs(blob or b"" for blob in self._bundle(tile, "blob"))

    def node(self, size: int) -> Node:
        """Hashes of complete subtrees of the first `size` entries, for proofs."""
        return node_reader(size, self.tile)

    def _bundle(self, tile: Tile, column: str) -> list[Any]:
        where = {"log": self._number, "start": tile.start, "end": tile.start + tile.width}
        found = self._connection.execute(_bundle_of(self._entry, column), where).scalars().all()
        if len(found) != tile.width:
            raise Malformed(f"{tile.entries_path}: this log is not that long")
        return list(found)


@cache
def _bundle_of(entry: Table, column: str) -> Select[Any]:
    """Made once: building the statement costs as much as running it."""
    return (
        select(entry.c[column])
        .where(
            entry.c.log == bindparam("log"),
            entry.c.idx >= bindparam("start"),
            entry.c.idx < bindparam("end"),
        )
        .order_by(entry.c.idx)
    )


def followed_log(row: RowMapping) -> FollowedLog:
    """A row of `log` as a value."""
    frontier = Frontier.unpack(row["size"], row["frontier"])
    shown = (
        "id",
        "node",
        "origin",
        "size",
        "checkpoint",
        "verified_at",
        "trouble",
        "trouble_since",
    )
    return FollowedLog(root=frontier.root(), **{name: row[name] for name in shown})


def followed_logs(
    connection: Connection, numbers: Collection[int] | None = None
) -> dict[int, FollowedLog]:
    """All logs in `replica.db`, or only some, by their number there."""
    if numbers is None:
        rows = connection.execute(_LOGS).mappings()
    else:
        rows = connection.execute(_SOME_LOGS, {"numbers": list(numbers)}).mappings()
    return {row["id"]: followed_log(row) for row in rows}


def own_log(connection: Connection) -> FollowedLog | None:
    """Our own log in `node.db`; None before anything was sequenced."""
    row = connection.execute(select(tables.own_log)).mappings().one_or_none()
    return followed_log(row) if row else None


def published_size(connection: Connection) -> int | None:
    """How many entries of our own log others can see; None before they can follow it at all."""
    note = connection.scalar(select(tables.own_log.c.checkpoint))
    return None if note is None else parse_checkpoint(parse_note(note).text).size


def own_records(connection: Connection, schema: str) -> dict[int, bytes]:
    """Exact bytes of every record of a schema that our own log holds, by its index there."""
    entry, start = tables.own_entry, b'{"schema":"%s"' % schema.encode()
    rows = connection.execute(
        select(entry.c.idx, entry.c.blob)
        .where(
            entry.c.log == OWN,
            func.substr(entry.c.blob, SALT_SIZE + 1, len(start), type_=LargeBinary) == start,
        )
        .order_by(entry.c.idx)
    )
    return {row.idx: row.blob[SALT_SIZE:] for row in rows}


def latest_records(
    connection: Connection, references: Collection[str] | None = None
) -> dict[str, bytes]:
    """Exact bytes of the latest version of each of our own records, by its reference; of all, or of
    those named. What is staged comes before what is in the log; without those erased or wanting.
    """
    entry, current, staged = tables.own_entry, tables.current, tables.staged
    waiting = select(staged.c.reference, staged.c.blob).order_by(staged.c.id)
    wanted = select(current.c.reference, entry.c.blob).join(
        entry, (entry.c.log == OWN) & (entry.c.idx == current.c.idx)
    )
    if references is not None:
        wanted = wanted.where(current.c.reference.in_(references))
        waiting = waiting.where(staged.c.reference.in_(references))
    rows = connection.execute(wanted.where(entry.c.blob.is_not(None)))
    latest = {row.reference: row.blob[SALT_SIZE:] for row in rows}
    latest |= {row.reference: row.blob[SALT_SIZE:] for row in connection.execute(waiting)}
    return {reference: record for reference, record in latest.items() if record}


def erased_references(connection: Connection) -> set[str]:
    """Of what the current version in our own log is erased, and not because we said so: the charter
    did, or a backup did not know of it.
    """
    entry, current = tables.own_entry, tables.current
    erased = (entry.c.log == OWN) & (entry.c.payload == Payload.ERASED)
    joined = select(current.c.reference).join(entry, entry.c.idx == current.c.idx)
    return set(connection.scalars(joined.where(erased)))


def forget_erased(connection: Connection, reference: str) -> bool:
    """Let what is erased be published again as if it never was; whether it is such a one."""
    if reference not in erased_references(connection):
        return False
    connection.execute(delete(tables.current).where(tables.current.c.reference == reference))
    return True


def read_entries(connection: Connection, log: int, indexes: Collection[int]) -> list[VerifiedEntry]:
    """Entries of a followed log as they were verified, those whose payloads are held, in order."""
    rows = connection.execute(_ENTRIES, {"log": log, "indexes": indexes})
    return [read_entry(row.idx, row.raw, row.blob) for row in rows]


def read_records(
    connection: Connection, places: Collection[tuple[int, int]]
) -> dict[tuple[int, int], bytes]:
    """Exact bytes of records by (log number, entry index), without those erased or wanting."""
    wanted: dict[int, list[int]] = {}
    for log, index in places:
        wanted.setdefault(log, []).append(index)
    records: dict[tuple[int, int], bytes] = {}
    # One look into the index for each log: SQLite answers pairs by reading the whole table.
    for log, indexes in wanted.items():
        found = connection.execute(_ENTRIES, {"log": log, "indexes": indexes}).all()
        records |= {(log, row.idx): row.blob[SALT_SIZE:] for row in found}
    return records
