"""Tiles and entry bundles (C2SP tlog-tiles): how a log is laid out in static resources."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from protocols.errors import Malformed
from protocols.merkle import HASH_SIZE, TILE_HEIGHT, Frontier, Node, split_hashes

TILE_WIDTH = 1 << TILE_HEIGHT
MAX_LEVEL = 63
MAX_ENTRY = 0xFFFF
_PATH = re.compile(r"((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile by level, index and width in hashes; or the bundle of entries under a level-0 tile."""

    level: int
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if not (0 <= self.level <= MAX_LEVEL and self.index >= 0 and 1 <= self.width <= TILE_WIDTH):
            raise Malformed(f"no such tile: {self.level}/{self.index} of width {self.width}")

    @property
    def path(self) -> str:
        """Path below the log's prefix, such as `tile/0/x001/x234/067.p/112`."""
        return f"tile/{self.level}/{index_path(self.index, self.width)}"

    @property
    def entries_path(self) -> str:
        """Path of the entry bundle with the same index and width."""
        return f"tile/entries/{index_path(self.index, self.width)}"

    @property
    def start(self) -> int:
        """Index of the first log entry below this tile."""
        return self.index << (TILE_HEIGHT * (self.level + 1))


def index_path(index: int, width: int) -> str:
    """`<N>[.p/<W>]`: three digits an element, all but the last with an `x` before them."""
    digits = f"{index:0{-(-len(str(index)) // 3) * 3}d}"
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return path if width == TILE_WIDTH else f"{path}.p/{width}"


def parse_index_path(path: str) -> tuple[int, int]:
    """Inverse of `index_path`: (index, width). Raises Malformed for every other spelling."""
    match = _PATH.fullmatch(path)
    if match:
        index = int(match[1].replace("x", "").replace("/", ""))
        width = int(match[2]) if match[2] else TILE_WIDTH
        if width <= TILE_WIDTH and index_path(index, width) == path:
            return index, width
    raise Malformed("no such tile: the path is not in the form of tlog-tiles")


def tile_at(level: int, index: int, size: int) -> Tile:
    """The tile at this place, as wide as a log of `size` entries makes it; Malformed if empty."""
    return Tile(level, index, min(TILE_WIDTH, (size >> (TILE_HEIGHT * level)) - index * TILE_WIDTH))


def bundles(start: int, end: int) -> Iterator[Tile]:
    """The level-0 tiles whose entries cover [start, end), for a log of at least `end` entries."""
    last = -(-end // TILE_WIDTH) if start < end else 0
    for index in range(start // TILE_WIDTH, last):
        yield tile_at(0, index, end)


def node_reader(size: int, read: Callable[[Tile], bytes]) -> Node:
    """Give the hash of any complete subtree of a log of `size` entries from its tiles.

    `read` fetches a tile's bytes; the reader raises Malformed when their number does not fit.
    """

    def node(level: int, index: int) -> bytes:
        tile_level, height = divmod(level, TILE_HEIGHT)
        first = index << height
        tile = tile_at(tile_level, first // TILE_WIDTH, size)
        hashes = read(tile)
        if len(hashes) != tile.width * HASH_SIZE:
            raise Malformed(f"{tile.path}: {len(hashes)} bytes for {tile.width} hashes")
        at = first % TILE_WIDTH * HASH_SIZE
        below = split_hashes(hashes[at : at + (HASH_SIZE << height)])
        if len(below) != 1 << height:
            raise Malformed(f"{tile.path}: too narrow")
        return Frontier().extend(below)[0].root()

    return node


def pack_entries(entries: Iterable[bytes]) -> bytes:
    """An entry bundle: every entry after its length in two bytes, big-endian."""
    return b"".join(len(entry).to_bytes(2) + entry for entry in entries)


def unpack_entries(bundle: bytes, count: int) -> list[bytes]:
    """The `count` entries of a bundle; raises Malformed when there are fewer, more or a rest."""
    return unpack(bundle, count, prefix=2, limit=MAX_ENTRY, what="entry bundle")


def unpack(bundle: bytes, count: int, *, prefix: int, limit: int, what: str) -> list[bytes]:
    """Cut `count` items, each after its length in `prefix` bytes and at most `limit` long."""
    ends, at = [0], 0
    for _ in range(count):
        length = int.from_bytes(bundle[at : at + prefix])
        at += prefix + length
        if length > limit or at > len(bundle):
            raise Malformed(f"{what}: cut short, or an item is too long")
        ends.append(at)
    if at != len(bundle):
        raise Malformed(f"{what}: more than the {count} items it should hold")
    return [bundle[start + prefix : end] for start, end in pairwise(ends)]
