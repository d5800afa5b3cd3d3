"""Clauses of sections 5 and 6: tiles, entry bundles and entries are of the tree that was signed.

They look at a sample of a long log; `hearth verify` looks at all of it.
"""

from federation.conformance.clause import Broken, clause
from federation.conformance.log_of import MAX_TILE
from federation.conformance.visit import Visit
from protocols.entries import Entry, decode_entry
from protocols.errors import Malformed
from protocols.merkle import HASH_SIZE, Frontier, leaf_hash, split_hashes, subtree_root
from protocols.tiles import TILE_WIDTH, Tile, node_reader, tile_at

# Other spellings of places in a log, and places that there are in none.
_NO_PATHS = (
    *("tile/0/0", "tile/0/x000/000", "tile/00/000", "tile/64/000"),
    *("tile/0/000.p/0", "tile/0/000.p/01", "tile/0/000.p/256"),
    *("tile/entries/0", "tile/entries/000.p/256"),
)


@clause("5/paths")
def paths(visit: Visit) -> None:
    """The path of a tile or bundle has one spelling; others are not found."""
    for path in _NO_PATHS:
        _is_not_found("5/paths", visit, path)


@clause("5/nothing-beyond")
def nothing_beyond(visit: Visit) -> None:
    """No tile or bundle is served that the size of the log does not fill."""
    beyond = (visit.log.head.size // TILE_WIDTH) + 1000
    for tile in (Tile(0, beyond), Tile(0, beyond, 1), Tile(len(visit.log.levels) + 2, 0, 1)):
        _is_not_found("5/nothing-beyond", visit, tile.path)
    _is_not_found("5/nothing-beyond", visit, Tile(0, beyond).entries_path)


@clause("5/tile-width")
def tile_width(visit: Visit) -> None:
    """A tile has 32 bytes for each hash that the checkpoint's size gives it, full or partial."""
    for tile in [*visit.log.sample, *_last_of_each_level(visit)]:
        visit.log.tile(tile)


@clause("5/tree")
def tree(visit: Visit) -> None:
    """Each hash in a tile above the leaves is that of the full tile below: SHA-256 over 0x01 and
    its two halves, and so on down.
    """
    for level in visit.log.levels[1:]:
        count = visit.log.head.size >> (8 * level)
        for index in {0, count // 2, count - 1}:
            above = tile_at(level, index // TILE_WIDTH, visit.log.head.size)
            below = split_hashes(visit.log.tile(Tile(level - 1, index)))
            at = index % TILE_WIDTH * HASH_SIZE
            if Frontier().extend(below)[0].root() != visit.log.tile(above)[at : at + HASH_SIZE]:
                raise Broken("5/tree", f"{above.path}: hash {index % TILE_WIDTH} is another")


@clause("5/root")
def root(visit: Visit) -> None:
    """The tiles lead to the root that the checkpoint names."""
    size = visit.log.head.size
    tree.check(visit)
    if subtree_root(0, size, node_reader(size, visit.log.tile)) != visit.log.head.root:
        raise Broken("5/root", f"they give another for size {size}")


@clause("5/bundle")
def bundle(visit: Visit) -> None:
    """An entry bundle has as many entries as the tile above it has hashes, each after its length
    in two bytes, big-endian, and nothing after them.
    """
    for tile in visit.log.sample:
        visit.log.entries(tile)


@clause("5/leaf")
def leaf(visit: Visit) -> None:
    """The hash of an entry in its tile is SHA-256 over 0x00 and the entry's bytes."""
    for tile in visit.log.sample:
        _compare(visit, tile, in_order=False)


@clause("5/order")
def order(visit: Visit) -> None:
    """Entries stand in their bundle in the order of their hashes in the tile."""
    for tile in visit.log.sample:
        _compare(visit, tile, in_order=True)


@clause("6/entry")
def entry(visit: Visit) -> None:
    """What a node writes into its log are entries: canonical JSON with the members of the table,
    that name none but earlier ones.
    """
    for tile in visit.log.sample:
        entries_of(visit, tile)


def entries_of(visit: Visit, tile: Tile) -> list[Entry]:
    """The entries under a level-0 tile, once it is sure that they are those of the log."""
    _compare(visit, tile, in_order=True)
    try:
        return [decode_entry(raw, at) for at, raw in enumerate(visit.log.entries(tile), tile.start)]
    except Malformed as error:
        raise Broken("6/entry", str(error)) from error


def _last_of_each_level(visit: Visit) -> list[Tile]:
    size = visit.log.head.size
    return [
        tile_at(level, ((size >> (8 * level)) - 1) // TILE_WIDTH, size)
        for level in visit.log.levels
    ]


def _compare(visit: Visit, tile: Tile, *, in_order: bool) -> None:
    """Hold a bundle against its tile: the hashes themselves, and then their order."""
    ours = [leaf_hash(raw) for raw in visit.log.entries(tile)]
    theirs = list(split_hashes(visit.log.tile(tile)))
    if sorted(ours) != sorted(theirs):
        raise Broken("5/leaf", f"{tile.entries_path}: an entry has another hash in {tile.path}")
    if in_order and ours != theirs:
        raise Broken("5/order", f"{tile.entries_path}: not in the order of {tile.path}")


def _is_not_found(name: str, visit: Visit, path: str) -> None:
    answer = visit.get(f"log/{path}", limit=MAX_TILE)
    if answer.status != 404:
        raise Broken(name, f"log/{path}: answered {answer.status} instead of 404")


TREE = (paths, nothing_beyond, tile_width, tree, root, bundle, leaf, order, entry)
