"""Where a log is read from: its author, our own database, or another member that holds it too."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from sqlalchemy import Engine, select

from federation import tables
from federation.client import PeerClient
from federation.database import reading
from federation.store import OWN, HeldLog
from protocols.checkpoint import MAX_CHECKPOINT
from protocols.entries import MAX_BLOB, payloads_path
from protocols.merkle import HASH_SIZE
from protocols.tiles import MAX_ENTRY, Tile

WithToken: TypeAlias = Callable[[Callable[[str], bytes]], bytes]
"""Asks with a token, and once more with a new one when the old was forgotten."""
OWN_PREFIX = "log"


def mirror_prefix(author: str) -> str:
    """Where a member has its copy of the log of the node `author`, below its URL."""
    return f"mirror/{author}/log"


class TileSource(Protocol):
    """Where the public part of a log is read from. What it gives is not trusted."""

    def checkpoint(self) -> bytes:
        """The latest signed note."""

    def tile(self, tile: Tile) -> bytes:
        """The hashes of a tile."""

    def entries(self, tile: Tile) -> bytes:
        """The entry bundle under a level-0 tile."""


class LogSource(TileSource, Protocol):
    """Where all of a log is read from."""

    def payloads(self, tile: Tile) -> bytes:
        """The payload bundle aligned with an entry bundle."""


class OwnLog:
    """Our own log, read from `node.db`: a node follows itself as it follows others."""

    def __init__(self, node_db: Engine) -> None:
        self._node_db = node_db

    def checkpoint(self) -> bytes:
        """The latest signed note."""
        with reading(self._node_db) as connection:
            return connection.scalar(select(tables.own_log.c.checkpoint)) or b""

    def tile(self, tile: Tile) -> bytes:
        """The hashes of a tile."""
        with reading(self._node_db) as connection:
            return HeldLog(connection, OWN, own=True).tile(tile)

    def entries(self, tile: Tile) -> bytes:
        """The entry bundle under a level-0 tile."""
        with reading(self._node_db) as connection:
            return HeldLog(connection, OWN, own=True).entries(tile)

    def payloads(self, tile: Tile) -> bytes:
        """The payload bundle aligned with it."""
        with reading(self._node_db) as connection:
            return HeldLog(connection, OWN, own=True).payloads(tile)


class RemoteLog:
    """A log as a member serves it below `prefix`: its own, or its copy of another's."""

    def __init__(self, client: PeerClient, prefix: str, with_token: WithToken) -> None:
        self._client = client
        self._prefix = prefix
        self._with_token = with_token

    def checkpoint(self) -> bytes:
        """The latest signed note."""
        return self._client.get(f"{self._prefix}/checkpoint", limit=MAX_CHECKPOINT)

    def tile(self, tile: Tile) -> bytes:
        """The hashes of a tile."""
        return self._client.get(f"{self._prefix}/{tile.path}", limit=tile.width * HASH_SIZE)

    def entries(self, tile: Tile) -> bytes:
        """The entry bundle under a level-0 tile."""
        path = f"{self._prefix}/{tile.entries_path}"
        return self._client.get(path, limit=tile.width * (2 + MAX_ENTRY))

    def payloads(self, tile: Tile) -> bytes:
        """The payload bundle aligned with it."""
        path, limit = f"{self._prefix}/{payloads_path(tile)}", tile.width * (4 + MAX_BLOB)
        return self._with_token(lambda token: self._client.get(path, limit=limit, token=token))
