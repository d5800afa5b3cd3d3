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
from typing import Annotated

import msgspec
from msgspec import Meta

from federation.errors import AlreadyInitialised, ForkRefused, NotInitialised, UnsafeKeys
from protocols.charter import Member
from protocols.encoding import b64, b64url, from_b64, from_b64url
from protocols.errors import Malformed
from protocols.keys import (
    AUTHORITY_PURPOSES,
    NODE_PURPOSES,
    SEED_SIZE,
    PrivateKey,
    PublicKey,
    Purpose,
)
from protocols.merkle import HASH_SIZE

NODE = "node"
"""Whose the node's own keys are; those of an authority are its GSS code's."""
_SOME = Meta(min_length=1)


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
        keys = cls(folder)
        for owner in (NODE, *authorities):
            keys.begin(owner)
        return keys

    def begin(self, owner: str) -> None:
        """Draw every key of `owner`, the node or a GSS code, of which there are none yet."""
        path = self._path(owner)
        if path.exists():
            raise AlreadyInitialised(f"{path} holds keys already; they are never overwritten")
        purposes = NODE_PURPOSES if owner == NODE else AUTHORITY_PURPOSES
        seeds = {purpose: b64url(secrets.token_bytes(SEED_SIZE)) for purpose in purposes}
        write_private(path, msgspec.json.encode(seeds))

    def node_key(self, purpose: Purpose) -> PrivateKey:
        """The node's own key for a purpose; the oldest, where it has several."""
        return self.keys(NODE, purpose)[0]

    def authority_key(self, gss: str, purpose: Purpose) -> PrivateKey:
        """A served authority's key for a purpose; the oldest, where it has several."""
        return self.keys(gss, purpose)[0]

    def keys(self, owner: str, purpose: Purpose) -> tuple[PrivateKey, ...]:
        """Every key of `owner`, the node or a GSS code, for a purpose; the oldest first."""
        path = self._path(owner)
        try:
            return tuple(
                PrivateKey(purpose, from_b64url(seed, "key")) for seed in self._seeds(path)[purpose]
            )
        except (KeyError, Malformed):
            # The decoder's own words could quote the key.
            raise UnsafeKeys(f"{path} is damaged: restore it from the key backup") from None

    def draw(self, owner: str, purpose: Purpose) -> PrivateKey:
        """One more key for a purpose, beside those there are. Back the keys up again after it."""
        path = self._path(owner)
        seeds = self._seeds(path)
        key = PrivateKey(purpose, secrets.token_bytes(SEED_SIZE))
        seeds[purpose] = (*seeds.get(purpose, ()), b64url(key.seed))
        self._write(path, seeds)
        return key

    def destroy(self, owner: str, key: PublicKey) -> None:
        """Forget a key for good: what is sealed to it opens no more."""
        path = self._path(owner)
        left = [b64url(one.seed) for one in self.keys(owner, key.purpose) if one.public != key]
        self._write(path, self._seeds(path) | {key.purpose: tuple(left)})

    def check(self, member: Member) -> None:
        """Raise UnsafeKeys unless all keys that a charter names for a member are held here.

        Ended log keys need not be: they may be lost, and sign nothing.
        """
        for owner, one in member.every_key:
            kept = NODE if owner == member.node else owner
            if one.until is None and one.key not in self.public(kept, one.purpose):
                raise UnsafeKeys(
                    f"{self._path(kept)}: these are not the keys that the charter names for "
                    f"{member.node}: restore them from its key backup"
                )

    def public(self, owner: str, purpose: Purpose) -> tuple[PublicKey, ...]:
        """The halves to hand out of `keys`."""
        return tuple(key.public for key in self.keys(owner, purpose))

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

    def _seeds(self, path: Path) -> dict[Purpose, tuple[str, ...]]:
        """What a key file holds: of a purpose one seed or, the oldest first, several."""
        try:
            if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise UnsafeKeys(f"{path} can be read by others: run chmod 600 on it")
            seeds = msgspec.json.decode(
                path.read_bytes(), type=dict[Purpose, str | Annotated[tuple[str, ...], _SOME]]
            )
        except FileNotFoundError as error:
            raise NotInitialised(f"{path} is missing: restore it from the key backup") from error
        except msgspec.DecodeError:
            raise UnsafeKeys(f"{path} is damaged: restore it from the key backup") from None
        return {of: (seed,) if isinstance(seed, str) else seed for of, seed in seeds.items()}

    def _write(self, path: Path, seeds: dict[Purpose, tuple[str, ...]]) -> None:
        """One seed of a purpose is written as it always was."""
        written = {of: held[0] if len(held) == 1 else held for of, held in seeds.items()}
        write_private(path, msgspec.json.encode(written))


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
