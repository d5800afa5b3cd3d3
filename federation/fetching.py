"""Fetching entries and payloads ahead of the database, several bundles at once.

What comes is taken apart, compared with the digests that the entries name, and read, where it
arrives: in the fetching threads, while the database works on the batch before. Whether the entries
are in the log at all is for the caller to verify.
"""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import islice
from typing import TypeVar

from federation.giving_way import give_way
from federation.sources import LogSource
from protocols.entries import unpack_blobs
from protocols.following import VerifiedEntry, read_entry
from protocols.tiles import TILE_WIDTH, Tile, bundles, unpack_entries

T = TypeVar("T")
BATCH_TILES = 16
BATCH_ENTRIES = BATCH_TILES * TILE_WIDTH
THREADS = 4
GIVES_WAY_AFTER = 16


def fetch(source: LogSource, start: int, end: int) -> Iterator[list[VerifiedEntry]]:
    """The entries of [start, end), in batches of at most BATCH_ENTRIES that end with a tile.

    Raises whatever the source does, and Malformed.
    """
    for batch in ahead(bundles(start, end), partial(_fetch, source)):
        yield [entry for part in batch for entry in part if entry.index >= start]


def ahead(tiles: Iterable[Tile], take: Callable[[Tile], T]) -> Iterator[list[T]]:
    """What `take` gives for each tile, in their order, BATCH_TILES at a time.

    One batch is taken ahead, by several threads, and no more is held, however many there are.
    Raises whatever `take` does.
    """
    left = iter(tiles)
    with ExitStack() as stack:
        pool = ThreadPoolExecutor(THREADS, thread_name_prefix="fetch")
        # When a batch is refused, what was to be fetched after it is dropped.
        stack.callback(pool.shutdown, cancel_futures=True)
        begun = [pool.submit(take, tile) for tile in islice(left, BATCH_TILES)]
        while begun:
            after = [pool.submit(take, tile) for tile in islice(left, BATCH_TILES)]
            yield [future.result() for future in begun]
            begun = after


def _fetch(source: LogSource, tile: Tile) -> list[VerifiedEntry]:
    entries = unpack_entries(source.entries(tile), tile.width)
    blobs = unpack_blobs(source.payloads(tile), tile.width)
    read: list[VerifiedEntry] = []
    for index, (raw, blob) in enumerate(zip(entries, blobs, strict=True), tile.start):
        if index % GIVES_WAY_AFTER == 0:
            give_way()
        read.append(read_entry(index, raw, blob))
    return read
