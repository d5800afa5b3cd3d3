"""The log of the node that is tried: its checkpoint, and a sample of its tiles and bundles.

Nothing here needs what is signed to be right: a node with one fault shows that one, and not all
that would follow if it were believed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from federation.conformance.clause import Broken, NotAsked
from federation.sources import OWN_PREFIX
from protocols.checkpoint import Checkpoint, parse_checkpoint
from protocols.errors import Malformed
from protocols.merkle import HASH_SIZE, TILE_HEIGHT
from protocols.note import MAX_NOTE
from protocols.tiles import MAX_ENTRY, TILE_WIDTH, Tile, tile_at, unpack_entries

if TYPE_CHECKING:
    from federation.client import Answer
    from federation.conformance.visit import Visit

MAX_TILE = TILE_WIDTH * HASH_SIZE
MAX_BUNDLE = TILE_WIDTH * (2 + MAX_ENTRY)
_ENDS = 2


class LogOf:
    """What a visit has seen of the log. Each resource is fetched once, but for the checkpoint."""

    def __init__(self, visit: Visit, prefix: str = OWN_PREFIX) -> None:
        self._visit = visit
        self._prefix = prefix
        self._held: dict[str, Answer] = {}

    def read_checkpoint(self) -> Answer:
        """The checkpoint as it is served now."""
        return self._served(f"{self._prefix}/checkpoint", MAX_NOTE)

    @cached_property
    def checkpoint(self) -> Answer:
        """The checkpoint as it was served first."""
        return self.read_checkpoint()

    @cached_property
    def head(self) -> Checkpoint:
        """What it says, signed or not."""
        text, blank, _ = self.checkpoint.body.rpartition(b"\n\n")
        try:
            return parse_checkpoint(text.decode() + "\n" if blank else "")
        except (Malformed, UnicodeDecodeError) as error:
            raise Broken("4.2/checkpoint", str(error)) from error

    @cached_property
    def sample(self) -> list[Tile]:
        """Level-0 tiles: those at both ends of the log, the partial one too, and one between.

        NotAsked when there are none.
        """
        count = -(-self.head.size // TILE_WIDTH)
        if not count:
            raise NotAsked("the log is empty")
        chosen = {*range(_ENDS), count // 2, *range(count - _ENDS, count)}
        return [tile_at(0, at, self.head.size) for at in sorted(chosen) if 0 <= at < count]

    @property
    def levels(self) -> range:
        """The levels that have tiles."""
        return range(-(-self.head.size.bit_length() // TILE_HEIGHT))

    def tile_answer(self, tile: Tile) -> Answer:
        """A tile as it was served."""
        return self._once(f"{self._prefix}/{tile.path}", MAX_TILE)

    def bundle_answer(self, tile: Tile) -> Answer:
        """The entry bundle under a level-0 tile, as it was served."""
        return self._once(f"{self._prefix}/{tile.entries_path}", MAX_BUNDLE)

    def tile(self, tile: Tile) -> bytes:
        """The hashes of a tile."""
        hashes = self.tile_answer(tile).body
        if len(hashes) != tile.width * HASH_SIZE:
            raise Broken(
                "5/tile-width", f"{tile.path}: {len(hashes)} bytes for {tile.width} hashes"
            )
        return hashes

    def entries(self, tile: Tile) -> list[bytes]:
        """The entries under a level-0 tile."""
        try:
            return unpack_entries(self.bundle_answer(tile).body, tile.width)
        except Malformed as error:
            raise Broken("5/bundle", f"{tile.entries_path}: {error}") from error

    def _once(self, path: str, limit: int) -> Answer:
        return self.remembered(path, lambda: self._served(path, limit))

    def remembered(self, path: str, ask: Callable[[], Answer]) -> Answer:
        """What a resource of the log answered when it was asked first."""
        if path not in self._held:
            self._held[path] = ask()
        return self._held[path]

    def _served(self, path: str, limit: int) -> Answer:
        answer = self._visit.get(path, limit)
        if answer.status != 200:
            raise Broken("13/served", f"{path}: answered {answer.status}")
        return answer
