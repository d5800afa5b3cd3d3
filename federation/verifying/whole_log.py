"""Checking a whole log against its signed root: every tile, every entry, in a stream.

What is held at any moment is a few bundles and, of each level, the hashes of one tile, however long
the log is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

from federation.fetching import ahead
from federation.following import Progress
from federation.sources import TileSource
from federation.verifying.trust import Believed, Trust
from protocols.checkpoint import Checkpoint, open_listed_checkpoint, parse_checkpoint
from protocols.errors import Inconsistent
from protocols.following import check_later
from protocols.merkle import Frontier, Subtree, leaf_hash
from protocols.note import parse_note
from protocols.tiles import TILE_WIDTH, Tile, bundles, node_reader, unpack_entries


@dataclass(frozen=True, slots=True)
class WholeLog:
    """A log of which every byte was checked. `note` is its checkpoint as it was signed; `earlier`
    the size of the checkpoint that it was compared with, if any.
    """

    head: Believed
    note: bytes
    tiles: int
    bundles: int
    earlier: int | None


def verify_whole_log(
    source: TileSource,
    trust: Trust,
    since: bytes | None = None,
    report: Callable[[Progress], None] = lambda _progress: None,
) -> WholeLog:
    """Check a log, from its checkpoint's signature to its last entry.

    `since` is an earlier checkpoint of it, as it was signed, which must be of a prefix. So must be
    what the charter says that the log was.
    Raises what the source does; UnknownKey, BadSignature, QuorumMissing or Malformed of a
    checkpoint or bundle; Rollback or Inconsistent.
    """
    note = source.checkpoint()
    head = trust.open(note)
    checkpoint = head.checkpoint
    earlier = [Checkpoint(checkpoint.origin, *pin) for pin in trust.pins(checkpoint.origin)]
    if since is not None:
        earlier.append(open_listed_checkpoint(since, trust.verifiers(_claimed(since))))
    hashes = node_reader(checkpoint.size, lru_cache(maxsize=64)(source.tile))
    for one in earlier:
        check_later(one, checkpoint, hashes)
    held, above = Frontier(), _TilesAbove(source)
    for batch in ahead(bundles(0, checkpoint.size), partial(_leaves, source)):
        held, subtrees = held.extend(leaf for leaves in batch for leaf in leaves)
        for subtree in subtrees:
            above.add(subtree)
        report(Progress(checkpoint.origin, held.size, held.size, checkpoint.size))
    above.finish()
    if held.root() != checkpoint.root:
        raise Inconsistent(
            f"the {checkpoint.size} entries of {checkpoint.origin} give another root than the one "
            "that it has signed"
        )
    below = -(-checkpoint.size // TILE_WIDTH)
    compared = earlier[-1].size if since is not None else None
    return WholeLog(head, note, above.count + below, below, compared)


def _claimed(note: bytes) -> Checkpoint:
    return parse_checkpoint(parse_note(note).text)


def _leaves(source: TileSource, tile: Tile) -> list[bytes]:
    """The leaf hashes of a bundle's entries, which are those of the tile above it."""
    hashes = [leaf_hash(raw) for raw in unpack_entries(source.entries(tile), tile.width)]
    _compare(source, tile, hashes)
    return hashes


def _compare(source: TileSource, tile: Tile, hashes: list[bytes]) -> None:
    if source.tile(tile) != b"".join(hashes):
        raise Inconsistent(f"{tile.path}: holds other hashes than the entries below it give")


class _TilesAbove:
    """Tiles of the levels above the leaves: compared with what the entries give as each fills."""

    def __init__(self, source: TileSource) -> None:
        self.count = 0
        self._source = source
        self._filling: dict[int, list[Subtree]] = {}

    def add(self, subtree: Subtree) -> None:
        """The next hash of its level."""
        tile = self._filling.setdefault(subtree.level, [])
        tile.append(subtree)
        if len(tile) == TILE_WIDTH:
            self._check(self._filling.pop(subtree.level))

    def finish(self) -> None:
        """Check the tiles that the log has not filled."""
        for tile in self._filling.values():
            self._check(tile)

    def _check(self, hashes: list[Subtree]) -> None:
        first = hashes[0]
        tile = Tile(first.level, first.index // TILE_WIDTH, len(hashes))
        _compare(self._source, tile, [one.hash for one in hashes])
        self.count += 1
