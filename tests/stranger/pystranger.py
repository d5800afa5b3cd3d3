"""A second stranger: reads a whole log knowing only the published specifications.

It does what the Go client beside it does, in Python, from C2SP signed-note, tlog-checkpoint and
tlog-tiles and from RFC 6962. It shares no code with the project and sends no token:

* the checkpoint's signature must verify, and its origin must be the key's name;
* every entry must hash to its place in the level 0 tiles, and every full tile to its place above;
* the root over all of them must be the one that was signed;
* an inclusion proof for every entry, and consistency proofs between many sizes, are put together
  from the hashes in the tiles. Each must verify, and must equal the PATH or PROOF of the
  recursive definitions in RFC 6962.

    python pystranger.py PREFIX VKEY
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import json
import re
import sys
from collections.abc import Callable, Iterator
from itertools import combinations

import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

TILE_WIDTH = 256  # hashes in a full tile, entries in a full bundle
ALL_PAIRS_TO = 40  # up to this size every pair of sizes is tried
HASH_SIZE = 32
ED25519 = b"\x01"
PLAIN_TEXT = "text/plain; charset=utf-8"
OCTETS = "application/octet-stream"


class Refused(Exception):
    """The log is not what the specifications ask for; the message says where."""


class Missing(Refused):
    """The log has no such resource."""


def check_log(prefix: str, vkey: str) -> dict[str, str | int]:
    """Read and check the log at a URL prefix; its origin, size, base64 root and counts.

    Raises Refused, or requests' own errors where nothing answers.
    """
    with requests.Session() as session:
        session.trust_env = False  # no credentials from a file of the person's
        session.headers["Accept-Encoding"] = "gzip, identity"
        fetch = functools.partial(_fetch, session, prefix.rstrip("/"))
        origin, size, root = read_checkpoint(fetch("checkpoint", PLAIN_TEXT), vkey)
        tiles = Tiles(fetch, size)
        leaves = [leaf_hash(entry) for entry in read_entries(fetch, size)]
    tiles.compare(leaves)
    defined = Definition(leaves)
    if tiles.span(0, size) != root or defined.mth(0, size) != root:
        raise Refused(f"the tiles give root {tiles.span(0, size).hex()}, not the one signed")
    pairs = size_pairs(size)
    for older, newer in pairs:
        check_consistency(tiles, defined, older, newer)
    for index in range(size):
        check_inclusion(tiles, defined, index, root)
    return {
        "origin": origin,
        "size": size,
        "root": base64.b64encode(root).decode(),
        "entries": len(leaves),
        "inclusion_proofs": size,
        "consistency_proofs": len(pairs),
    }


# --- C2SP signed-note and tlog-checkpoint --------------------------------------------------------


def read_checkpoint(body: bytes, vkey: str) -> tuple[str, int, bytes]:
    """The origin, size and root of a checkpoint that the key signed."""
    name, key_id, key = read_vkey(vkey)
    lines = verify_note(body, name, key_id, key).removesuffix("\n").split("\n")
    if len(lines) < 3 or "" in lines:
        raise Refused("checkpoint: at least three lines are due, none of them empty")
    origin, size, root = lines[:3]
    if origin != name:
        raise Refused(f"checkpoint: origin {origin!r} but the key is for {name!r}")
    if not re.fullmatch("0|[1-9][0-9]{0,18}", size):
        raise Refused(f"checkpoint: {size!r} is not a tree size")
    hashed = from_base64(root)
    if len(hashed) != HASH_SIZE:
        raise Refused(f"checkpoint: {root!r} is not a root hash")
    return origin, int(size), hashed


def verify_note(body: bytes, name: str, key_id: bytes, key: Ed25519PublicKey) -> str:
    """The text of a note, once the key's signature on it has verified."""
    try:
        note = body.decode()
    except UnicodeDecodeError as error:
        raise Refused("note: not UTF-8") from error
    if any(character < " " and character != "\n" for character in note):
        raise Refused("note: has a control character")
    text, blank, signatures = note.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise Refused("note: no signatures after a blank line")
    text += "\n"
    verified = False
    for line in signatures.removesuffix("\n").split("\n"):
        dash, signer, signature = [*line.split(" ", 2), "", ""][:3]
        signed = from_base64(signature)
        if dash != "\u2014" or not is_key_name(signer) or len(signed) < 5:
            raise Refused(f"note: {line!r} is not a signature")
        if signer == name and signed[:4] == key_id:
            try:
                key.verify(signed[4:], text.encode())
            except InvalidSignature as error:
                raise Refused(f"note: the signature by {name} does not verify") from error
            verified = True
    if not verified:
        raise Refused(f"note: not signed by {name}")
    return text


def read_vkey(vkey: str) -> tuple[str, bytes, Ed25519PublicKey]:
    """The name, key ID and key in a verifier key."""
    name, _, rest = vkey.partition("+")
    key_id, _, material = rest.partition("+")
    key = from_base64(material)
    if not is_key_name(name) or len(key) != 1 + HASH_SIZE or key[:1] != ED25519:
        raise Refused("verifier key: not an Ed25519 one")
    if key_id != hashlib.sha256(name.encode() + b"\n" + key).hexdigest()[:8]:
        raise Refused("verifier key: its ID is not that of its name and key")
    return name, bytes.fromhex(key_id), Ed25519PublicKey.from_public_bytes(key[1:])


def is_key_name(name: str) -> bool:
    """Whether a key may have that name: not empty, no Unicode space, no plus."""
    return bool(name) and "+" not in name and not any(map(str.isspace, name))


def from_base64(text: str) -> bytes:
    """The bytes of standard base64 in its one canonical spelling."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused(f"{text!r} is not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise Refused(f"{text!r} is not canonical base64")
    return raw


# --- C2SP tlog-tiles -----------------------------------------------------------------------------

Fetch = Callable[[str, str], bytes]


def _fetch(session: requests.Session, prefix: str, path: str, content_type: str) -> bytes:
    response = session.get(f"{prefix}/{path}", timeout=60)
    if response.status_code == requests.codes.not_found:
        raise Missing(f"{path}: not found")
    if response.status_code != requests.codes.ok:
        raise Refused(f"{path}: {response.status_code} {response.reason}")
    served = response.headers.get("Content-Type")
    if served != content_type:
        raise Refused(f"{path}: Content-Type is {served!r}, not {content_type!r}")
    return response.content


def tile_path(index: int, width: int) -> str:
    """A tile's place within its level: `x001/x234/067` for 1234067, then `.p/W` if partial."""
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return path if width == TILE_WIDTH else f"{path}.p/{width}"


def tiles_over(count: int) -> Iterator[tuple[int, int]]:
    """The index and width of each tile that holds a level of that many hashes."""
    for index in range(-(-count // TILE_WIDTH)):
        yield index, min(TILE_WIDTH, count - index * TILE_WIDTH)


def fetch_tile(fetch: Fetch, level: str, index: int, width: int) -> tuple[bytes, int]:
    """A tile or bundle and its width: a full one stands in for a partial one that is gone."""
    path = f"tile/{level}/"
    try:
        return fetch(path + tile_path(index, width), OCTETS), width
    except Missing as missing:
        if width == TILE_WIDTH:
            raise
        try:
            return fetch(path + tile_path(index, TILE_WIDTH), OCTETS), TILE_WIDTH
        except Missing:
            raise missing from None


def read_entries(fetch: Fetch, size: int) -> Iterator[bytes]:
    """Every entry, in order."""
    for index, width in tiles_over(size):
        body, served = fetch_tile(fetch, "entries", index, width)
        entries, at = [], 0
        while at < len(body):
            start = at + 2
            at = start + int.from_bytes(body[at:start], "big")
            entries.append(body[start:at])
        if at != len(body) or len(entries) != served:
            raise Refused(f"tile/entries/{tile_path(index, served)}: not {served} whole entries")
        yield from entries[:width]


class Tiles:
    """The hashes in a log's tiles, and the proofs that they make."""

    def __init__(self, fetch: Fetch, size: int) -> None:
        self.levels: list[list[bytes]] = []
        self._grown: dict[tuple[int, int], bytes] = {}
        while count := size // TILE_WIDTH ** len(self.levels):
            self.levels.append(list(self._read(fetch, str(len(self.levels)), count)))

    @staticmethod
    def _read(fetch: Fetch, level: str, count: int) -> Iterator[bytes]:
        for index, width in tiles_over(count):
            body, served = fetch_tile(fetch, level, index, width)
            if len(body) != served * HASH_SIZE:
                path = f"tile/{level}/{tile_path(index, served)}"
                raise Refused(f"{path}: {len(body)} bytes for {served} hashes")
            for i in range(width):
                yield body[i * HASH_SIZE : (i + 1) * HASH_SIZE]

    def compare(self, leaves: list[bytes]) -> None:
        """Hold each level against the one below, and the lowest against the leaves."""
        below = leaves
        for level, hashes in enumerate(self.levels):
            for i, served in enumerate(hashes):
                if served != (below[i] if level == 0 else self._full_tile(below, i)):
                    raise Refused(f"tiles: hash {i} at level {level} is not that of what it covers")
            below = hashes

    @staticmethod
    def _full_tile(hashes: list[bytes], index: int) -> bytes:
        row = hashes[index * TILE_WIDTH : (index + 1) * TILE_WIDTH]
        while len(row) > 1:
            row = [node_hash(*pair) for pair in zip(row[::2], row[1::2], strict=True)]
        return row[0]

    def subtree(self, height: int, index: int) -> bytes:
        """The hash of a complete subtree: from a tile where one holds it, else from two below."""
        if height % 8 == 0:
            return self.levels[height // 8][index]
        if (height, index) not in self._grown:
            left = self.subtree(height - 1, 2 * index)
            right = self.subtree(height - 1, 2 * index + 1)
            self._grown[height, index] = node_hash(left, right)
        return self._grown[height, index]

    def span(self, low: int, high: int) -> bytes:
        """The hash over leaves low to high, where low begins a subtree of at least that span."""
        if low == high:
            return hashlib.sha256().digest()
        hashes = []
        while low < high:
            height = (high - low).bit_length() - 1
            hashes.append(self.subtree(height, low >> height))
            low += 1 << height
        return functools.reduce(lambda right, left: node_hash(left, right), reversed(hashes))

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The inclusion proof of one leaf, lowest hash first."""
        low, high, beside = 0, size, []
        while high - low > 1:
            middle = low + split(high - low)
            if index < middle:
                beside.append((middle, high))
                high = middle
            else:
                beside.append((low, middle))
                low = middle
        return [self.span(*ends) for ends in reversed(beside)]

    def consistency(self, older: int, newer: int) -> list[bytes]:
        """The consistency proof from one size to a later one, lowest hash first."""
        low, high, beside = 0, newer, []
        while high != older:
            middle = low + split(high - low)
            if older <= middle:
                beside.append((middle, high))
                high = middle
            else:
                beside.append((low, middle))
                low = middle
        if low:
            beside.append((low, high))
        return [self.span(*ends) for ends in reversed(beside)]


# --- RFC 6962, section 2.1: the definitions, and the checks of RFC 9162, sections 2.1.3 and 2.1.4 -


def leaf_hash(entry: bytes) -> bytes:
    """MTH({d(0)}) = SHA-256(0x00 || d(0))."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def split(count: int) -> int:
    """k, the largest power of two smaller than n."""
    return 1 << ((count - 1).bit_length() - 1)


class Definition:
    """MTH, PATH and PROOF as RFC 6962 defines them; D[low:high] is written as its two ends."""

    def __init__(self, leaves: list[bytes]) -> None:
        self.leaves = leaves
        self.mth = functools.cache(self._mth)

    def _mth(self, low: int, high: int) -> bytes:
        if high == low:
            return hashlib.sha256().digest()
        if high - low == 1:
            return self.leaves[low]
        k = split(high - low)
        return node_hash(self.mth(low, low + k), self.mth(low + k, high))

    def path(self, m: int, low: int, high: int) -> list[bytes]:
        """PATH(m, D[low:high])."""
        if high - low == 1:
            return []
        k = split(high - low)
        if m < k:
            return [*self.path(m, low, low + k), self.mth(low + k, high)]
        return [*self.path(m - k, low + k, high), self.mth(low, low + k)]

    def proof(self, m: int, n: int) -> list[bytes]:
        """PROOF(m, D[n])."""
        return self._subproof(m, 0, n, True)

    def _subproof(self, m: int, low: int, high: int, whole: bool) -> list[bytes]:
        if m == high - low:
            return [] if whole else [self.mth(low, high)]
        k = split(high - low)
        if m <= k:
            return [*self._subproof(m, low, low + k, whole), self.mth(low + k, high)]
        return [*self._subproof(m - k, low + k, high, False), self.mth(low, low + k)]


def inclusion_root(index: int, size: int, leaf: bytes, proof: list[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to (RFC 9162, 2.1.3.2), or None if misshapen."""
    node, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return None
        if node & 1 or node == last:
            root = node_hash(sibling, root)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        node, last = node >> 1, last >> 1
    return root if last == 0 else None


def consistency_roots(
    older: int, newer: int, old_root: bytes, proof: list[bytes]
) -> tuple[bytes, bytes] | None:
    """The two roots that a consistency proof leads to (RFC 9162, 2.1.4.2), or None."""
    if older & (older - 1) == 0:
        proof = [old_root, *proof]
    if not proof:
        return None
    node, last = older - 1, newer - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    first = second = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return None
        if node & 1 or node == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        node, last = node >> 1, last >> 1
    return (first, second) if last == 0 else None


# --- Every proof ---------------------------------------------------------------------------------


def check_inclusion(tiles: Tiles, defined: Definition, index: int, root: bytes) -> None:
    """Prove one entry to be in the whole log."""
    size = len(defined.leaves)
    proof = tiles.inclusion(index, size)
    reached = inclusion_root(index, size, defined.leaves[index], proof)
    if reached != root or proof != defined.path(index, 0, size):
        raise Refused(f"inclusion of entry {index} in {size} does not hold")


def check_consistency(tiles: Tiles, defined: Definition, older: int, newer: int) -> None:
    """Prove an earlier tree to be a prefix of a later one."""
    roots = (defined.mth(0, older), defined.mth(0, newer))
    proof = tiles.consistency(older, newer)
    reached = consistency_roots(older, newer, roots[0], proof)
    if reached != roots or proof != defined.proof(older, newer):
        raise Refused(f"consistency from {older} to {newer} does not hold")


def size_pairs(size: int) -> list[tuple[int, int]]:
    """Every pair of sizes in a small log; in a larger one, of those around the corners of tiles."""
    if size <= ALL_PAIRS_TO:
        return list(combinations(range(1, size + 1), 2))
    full = size // TILE_WIDTH
    corners = [1 << n for n in range(size.bit_length())]
    corners += [size, *(n * TILE_WIDTH for n in (1, (full + 1) // 2, full))]
    sizes = {corner + step for corner in corners for step in (-1, 0, 1)}
    return list(combinations(sorted(n for n in sizes if 1 <= n <= size), 2))


def main(arguments: list[str]) -> int:
    """Print what was found as JSON and return 0, or say why not and return 1."""
    if len(arguments) != 2:
        sys.stderr.write("usage: pystranger.py PREFIX VKEY\n")
        return 2
    try:
        found = check_log(*arguments)
    except (Refused, requests.RequestException) as error:
        sys.stderr.write(f"stranger: {error}\n")
        return 1
    sys.stdout.write(json.dumps(found) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
