"""RFC 6962 Merkle tree: hashing, compact ranges, inclusion and consistency proofs.

Verification follows RFC 9162 sections 2.1.3.2 and 2.1.4.2. Proofs are made from the hashes of
complete subtrees, which `Node` gives: `node(level, index)` is MTH(D[index * 2**level :
(index + 1) * 2**level]).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from protocols.errors import Inconsistent, Malformed, NotIncluded

LEAF_PREFIX = b"\x00"
NODE_PREFIX = b"\x01"
HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
TILE_HEIGHT = 8

Node: TypeAlias = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """Hash of a leaf (RFC 6962 section 2.1)."""
    return sha256(LEAF_PREFIX + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node (RFC 6962 section 2.1)."""
    return sha256(NODE_PREFIX + left + right).digest()


@dataclass(frozen=True, slots=True)
class Subtree:
    """A complete subtree of 256**level leaves: one hash of a tile at that level (tlog-tiles)."""

    level: int
    index: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Frontier:
    """Compact range over the first `size` leaves: the complete subtrees that cover them, largest
    first, one per bit set in `size`. All that is needed to append and to know the root.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise Malformed("frontier: the number of hashes does not fit the size")

    def extend(self, leaves: Iterable[bytes]) -> tuple["Frontier", list[Subtree]]:
        """Append leaf hashes; also gives the tile hashes that became complete, in order."""
        size, stack = self.size, list(self.hashes)
        complete: list[Subtree] = []
        for leaf in leaves:
            index, level, current = size, 0, leaf
            while index & 1:
                current = sha256(NODE_PREFIX + stack.pop() + current).digest()
                index >>= 1
                level += 1
                if level % TILE_HEIGHT == 0:
                    complete.append(Subtree(level // TILE_HEIGHT, index, current))
            stack.append(current)
            size += 1
        return Frontier(size, tuple(stack)), complete

    def root(self) -> bytes:
        """Root of the tree of `size` leaves (MTH of RFC 6962)."""
        if not self.hashes:
            return EMPTY_ROOT
        *rest, root = self.hashes
        for left in reversed(rest):
            root = node_hash(left, root)
        return root

    def pack(self) -> bytes:
        """The hashes one after the other, for storage."""
        return b"".join(self.hashes)

    @classmethod
    def unpack(cls, size: int, packed: bytes) -> "Frontier":
        """Inverse of `pack`; raises Malformed when the length does not fit the size."""
        return cls(size, split_hashes(packed))


def split_hashes(packed: bytes) -> tuple[bytes, ...]:
    """Cut concatenated 32-byte hashes; raises Malformed on a remainder."""
    if len(packed) % HASH_SIZE:
        raise Malformed("hashes: length is not a multiple of 32")
    return tuple(packed[at : at + HASH_SIZE] for at in range(0, len(packed), HASH_SIZE))


def subtree_root(start: int, end: int, node: Node) -> bytes:
    """MTH(D[start:end]) where `start` is a multiple of the smallest power of two >= end - start."""
    if start == end:
        return EMPTY_ROOT
    parts: list[bytes] = []
    while start < end:
        level = _largest_level(start, end)
        parts.append(node(level, start >> level))
        start += 1 << level
    root = parts.pop()
    while parts:
        root = node_hash(parts.pop(), root)
    return root


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962 section 2.1.1, leaf's sibling first."""
    if not 0 <= index < size:
        raise Malformed(f"inclusion proof: there is no entry {index} in a log of size {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtree_root(middle, end, node))
            end = middle
        else:
            path.append(subtree_root(start, middle, node))
            start = middle
    return path[::-1]


def check_inclusion(
    index: int, leaf: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise NotIncluded unless `proof` leads from leaf hash `leaf` at `index` to `root`.

    RFC 9162 section 2.1.3.2.
    """
    if not 0 <= index < size:
        raise NotIncluded(f"there is no entry {index} in a log of size {size}")
    fn, sn, current = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise NotIncluded("the inclusion proof is too long")
        if fn & 1 or fn == sn:
            current = node_hash(sibling, current)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            current = node_hash(current, sibling)
        fn >>= 1
        sn >>= 1
    if sn != 0 or current != root:
        raise NotIncluded(f"entry {index} is not in the log of size {size} with this root")


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """PROOF(old, D[new]) of RFC 6962 section 2.1.2; empty when `old` is 0 or equal to `new`."""
    if not 0 <= old <= new:
        raise Malformed(f"consistency proof: no proof leads from size {old} to {new}")
    if old in (0, new):
        return []
    proof: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(subtree_root(middle, end, node))
            end = middle
        else:
            proof.append(subtree_root(start, middle, node))
            start, whole = middle, False
    if not whole:
        proof.append(subtree_root(start, end, node))
    return proof[::-1]


def check_consistency(
    old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise Inconsistent unless the tree (old, old_root) is a prefix of (new, new_root).

    RFC 9162 section 2.1.4.2, and the two cases that it leaves out: from the empty tree to any, and
    between equal sizes, the proof is empty.
    """
    if not 0 <= old <= new:
        raise Inconsistent(f"size {new} is smaller than {old}")
    if old in (0, new):
        expected = new_root if old == new else EMPTY_ROOT
        if proof or old_root != expected:
            raise Inconsistent(f"two different logs of size {old}")
        return
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path:
        raise Inconsistent("the consistency proof is empty")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for sibling in path[1:]:
        if sn == 0:
            raise Inconsistent("the consistency proof is too long")
        if fn & 1 or fn == sn:
            fr = node_hash(sibling, fr)
            sr = node_hash(sibling, sr)
            while not fn & 1 and fn:
                fn >>= 1
                sn >>= 1
        else:
            sr = node_hash(sr, sibling)
        fn >>= 1
        sn >>= 1
    if sn != 0 or fr != old_root or sr != new_root:
        raise Inconsistent(f"the log of size {new} does not begin with what was verified to {old}")


def _split(count: int) -> int:
    """Largest power of two smaller than `count` (k in RFC 6962)."""
    return 1 << (count - 1).bit_length() - 1


def _largest_level(start: int, end: int) -> int:
    """Level of the largest complete subtree that begins at `start` and ends by `end`."""
    room = (end - start).bit_length() - 1
    return room if start == 0 else min(room, (start & -start).bit_length() - 1)
