"""A node's private keys and its high-water mark, in files that only its owner can read.

They lie outside both databases, so that neither a copied database nor a restored backup brings
keys, or takes back what was signed.
"""

import os
import secrets
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import msgspec

from federation.errors import AlreadyInitialised, ForkRefused, NotInitialised, UnsafeKeys
from protocols.charter import Member
from protocols.encoding import b64, b64url, from_b64, from_b64url
from protocols.errors import Malformed
from protocols.keys import AUTHORITY_PURPOSES, NODE_PURPOSES, SEED_SIZE, PrivateKey, Purpose
from protocols.merkle import HASH_SIZE

_NODE = "node"


@dataclass(frozen=True, slots=True)
class HighWater:
    """The largest checkpoint that this node's log key has been asked to sign."""

    size: int
    root: bytes


class KeyStore:
    """Keys of one node and of the authorities that it serves, each in a file of mode 0600."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def create(cls, folder: Path, authorities: Iterable[str]) -> "KeyStore":
        """Draw every key afresh. Raises AlreadyInitialised where there are keys already."""
        if folder.exists():
            raise AlreadyInitialised(f"{folder} holds keys already; they are never overwritten")
        folder.mkdir(mode=0o700, parents=True)
        owners = {_NODE: NODE_PURPOSES} | dict.fromkeys(authorities, AUTHORITY_PURPOSES)
        for owner, purposes in owners.items():
            seeds = {purpose: b64url(secrets.token_bytes(SEED_SIZE)) for purpose in purposes}
            write_private(folder / f"{owner}.json", msgspec.json.encode(seeds))
        return cls(folder)

    def node_key(self, purpose: Purpose) -> PrivateKey:
        """The node's own key for a purpose."""
        return self._key(_NODE, purpose)

    def authority_key(self, gss: str, purpose: Purpose) -> PrivateKey:
        """A served authority's key for a purpose."""
        return self._key(gss, purpose)

    def check(self, member: Member) -> None:
        """Raise UnsafeKeys unless these are the member's keys, all of them readable."""
        owned = {_NODE: member.keys} | {one.gss: one.keys for one in member.authorities}
        for owner, public in owned.items():
            for one in public:
                if self._key(owner, one.purpose).public != one.key:
                    raise UnsafeKeys(
                        f"{self._path(owner)}: these are not the keys that the charter names for "
                        f"{member.node}: restore them from its key backup"
                    )

    def high_water(self) -> HighWater | None:
        """What was last signed; None if nothing ever was. Raises UnsafeKeys when unreadable."""
        try:
            size, root = self._mark.read_text("ascii").split()
            mark = HighWater(int(size), from_b64(root, "high-water mark"))
        except FileNotFoundError:
            return None
        except (ValueError, Malformed) as error:
            raise UnsafeKeys(f"{self._mark} is damaged: restore it from the key backup") from error
        if mark.size < 0 or len(mark.root) != HASH_SIZE:
            raise UnsafeKeys(f"{self._mark} is damaged: restore it from the key backup")
        return mark

    def raise_high_water(self, mark: HighWater) -> None:
        """Note, durably, that `mark` is about to be signed. It never goes down."""
        before = self.high_water()
        if before and before != mark and before.size >= mark.size:
            raise ForkRefused(f"a log of size {before.size} was signed before; this is {mark.size}")
        if before != mark:
            write_private(self._mark, f"{mark.size} {b64(mark.root)}\n".encode())

    @property
    def _mark(self) -> Path:
        return self._folder / "high-water"

    def _path(self, owner: str) -> Path:
        return self._folder / f"{owner}.json"

    def _key(self, owner: str, purpose: Purpose) -> PrivateKey:
        path = self._path(owner)
        try:
            if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise UnsafeKeys(f"{path} can be read by others: run chmod 600 on it")
            seeds = msgspec.json.decode(path.read_bytes(), type=dict[Purpose, str])
            return PrivateKey(purpose, from_b64url(seeds[purpose], "key"))
        except FileNotFoundError as error:
            raise NotInitialised(f"{path} is missing: restore it from the key backup") from error
        except (msgspec.DecodeError, KeyError, Malformed):
            # The decoder's own words could quote the key.
            raise UnsafeKeys(f"{path} is damaged: restore it from the key backup") from None


def write_private(path: Path, data: bytes) -> None:
    """Replace a file in one step, on disk before this returns, readable by its owner alone."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
