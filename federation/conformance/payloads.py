"""Clauses of section 7: payload bundles are for members, aligned, and what the log names."""

from federation.conformance.clause import Broken, NotAsked, clause
from federation.conformance.tokens import token
from federation.conformance.tree import entries_of
from federation.conformance.visit import Visit
from protocols.entries import MAX_BLOB, Entry, check_blob, payloads_path, unpack_blobs
from protocols.errors import DigestMismatch, Malformed
from protocols.tiles import TILE_WIDTH, Tile

MAX_PAYLOADS = TILE_WIDTH * (4 + MAX_BLOB)


@clause("7/bundle", for_members=True)
def bundle(visit: Visit) -> None:
    """A payload bundle has an item for each entry, after its length in four bytes, big-endian, and
    nothing after them; an entry that publishes nothing has the empty one.
    """
    for tile in visit.log.sample:
        _payloads(visit, tile)


@clause("7/digest", for_members=True)
def digest(visit: Visit) -> None:
    """A payload is the one whose digest and size its entry names, or is not there."""
    for tile in visit.log.sample:
        for index, entry, blob in _payloads(visit, tile):
            try:
                if blob:
                    check_blob(entry, blob)
            except DigestMismatch as error:
                raise Broken("7/digest", f"entry {index}: {error}") from error


@clause("7/erased", for_members=True)
def erased(visit: Visit) -> None:
    """A payload that an entry of the log says to erase is served no more."""
    rows = [row for tile in visit.log.sample for row in _payloads(visit, tile)]
    gone = {one for _, entry, _ in rows if entry.op == "erase" for one in entry.earlier}
    if not gone & {index for index, _, _ in rows}:
        raise NotAsked("nothing was erased in what was looked at of this log")
    for index, _, blob in rows:
        if index in gone and blob:
            raise Broken("7/erased", f"entry {index}: its payload is still there")


@clause("7/no-store", for_members=True)
def no_store(visit: Visit) -> None:
    """Payload bundles are not to be cached: `Cache-Control: no-store`."""
    path = payloads_path(visit.log.sample[-1])
    caching = visit.get(f"log/{path}", MAX_PAYLOADS, token(visit)).headers.get("Cache-Control", "")
    if "no-store" not in {one.strip().lower() for one in caching.split(",")}:
        raise Broken("7/no-store", f"log/{path}: Cache-Control is {caching[:99]!r}")


def _payloads(visit: Visit, tile: Tile) -> list[tuple[int, Entry, bytes]]:
    """Each entry of a bundle, with its index and payload."""
    path, bearer = f"log/{payloads_path(tile)}", token(visit)
    answer = visit.log.remembered(path, lambda: visit.get(path, MAX_PAYLOADS, bearer))
    if answer.status != 200:
        name = "13/members" if answer.status in (401, 403) else "13/served"
        raise Broken(name, f"{path}: answered {answer.status} to a member with a token")
    try:
        blobs = unpack_blobs(answer.body, tile.width)
    except Malformed as error:
        raise Broken("7/bundle", f"{path}: {error}") from error
    entries = entries_of(visit, tile)
    return list(zip(range(tile.start, tile.start + tile.width), entries, blobs, strict=True))


PAYLOADS = (bundle, digest, erased, no_store)
