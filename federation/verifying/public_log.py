"""A log at any address, over HTTP: what anyone may read of it (C2SP tlog-tiles)."""

from pathlib import Path

from federation.client import PeerClient, Traffic
from federation.errors import PeerRefused
from protocols.merkle import HASH_SIZE
from protocols.note import MAX_NOTE
from protocols.tiles import MAX_ENTRY, TILE_WIDTH, Tile, pack_entries, unpack_entries

NOT_FOUND = 404


class PublicLog:
    """The log at a prefix. What it gives is not trusted. May be used by several threads.

    A log may drop a partial tile when the full one has come; the full one is then asked for.
    """

    def __init__(self, prefix: str, traffic: Traffic, ca_bundle: Path | None = None) -> None:
        self.prefix = prefix
        self._client = PeerClient(prefix, traffic, ca_bundle)

    def checkpoint(self) -> bytes:
        """The latest signed note."""
        return self._client.get("checkpoint", limit=MAX_NOTE)

    def tile(self, tile: Tile) -> bytes:
        """The hashes of a tile."""
        try:
            return self._tile(tile)
        except PeerRefused as error:
            if error.status != NOT_FOUND or tile.width == TILE_WIDTH:
                raise
        return self._tile(Tile(tile.level, tile.index))[: tile.width * HASH_SIZE]

    def entries(self, tile: Tile) -> bytes:
        """The entry bundle under a level-0 tile."""
        try:
            return self._entries(tile)
        except PeerRefused as error:
            if error.status != NOT_FOUND or tile.width == TILE_WIDTH:
                raise
        whole = unpack_entries(self._entries(Tile(0, tile.index)), TILE_WIDTH)
        return pack_entries(whole[: tile.width])

    def close(self) -> None:
        """Close the kept connections."""
        self._client.close()

    def _tile(self, tile: Tile) -> bytes:
        return self._client.get(tile.path, limit=tile.width * HASH_SIZE)

    def _entries(self, tile: Tile) -> bytes:
        return self._client.get(tile.entries_path, limit=tile.width * (2 + MAX_ENTRY))


def find_log(url: str, traffic: Traffic, ca_bundle: Path | None = None) -> PublicLog:
    """The log whose prefix is `url`, or else that of the node at `url`.

    Raises PeerUnreachable, PeerRefused or PeerMisbehaved when neither is there.
    """
    log = PublicLog(url.rstrip("/"), traffic, ca_bundle)
    try:
        log.checkpoint()
    except PeerRefused as error:
        log.close()
        if error.status != NOT_FOUND:
            raise
        log = PublicLog(f"{log.prefix}/log", traffic, ca_bundle)
    return log
