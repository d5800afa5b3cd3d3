"""A node's private keys and its high-water mark, in files that only its owner can read.

They lie outside both databases, so that neither a copied database nor a restored backup brings
keys, or takes back what was signed.
"""

import os
import secrets
import stat
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from federation.errors import AlreadyInitialised, ForkRefused, NotInitialised, UnsafeKeys
from federation.high_water import EVERY, HighWater, read_marks, written
from protocols.charter import Member
from protocols.encoding import b64url, from_b64url
from protocols.errors import Malformed
from protocols.keys import (
    AUTHORITY_PURPOSES,
    NODE_PURPOSES,
    SEED_SIZE,
    PrivateKey,
    PublicKey,
    Purpose,
)

NODE = "node"
"""Whose the node's own keys are; those of an authority are its GSS code's."""
_SOME = Meta(min_length=1)


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
        if purpose is Purpose.LOG and (marks := read_marks(self._mark)):
            # What was signed so far, this key has not signed.
            write_private(self._mark, written(self._of_each(marks)))
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

    def high_water(self, keys: Collection[PublicKey] | None = None) -> HighWater | None:
        """What was last signed by any of these log keys, or of all; None if nothing ever was.

        Raises UnsafeKeys when unreadable.
        """
        of = None if keys is None else {EVERY, *(key.kid for key in keys)}
        marks = (mark for kid, mark in read_marks(self._mark).items() if of is None or kid in of)
        return max(marks, key=lambda mark: mark.size, default=None)

    def raise_high_water(self, mark: HighWater, keys: Collection[PublicKey] | None = None) -> None:
        """Note, durably, that `mark` is about to be signed by these log keys, or by all that are
        held. It never goes down.
        """
        held = self.public(NODE, Purpose.LOG)
        before = self.high_water(held if keys is None else keys)
        if before and before != mark and before.size >= mark.size:
            raise ForkRefused(f"a log of size {before.size} was signed before; this is {mark.size}")
        marks = read_marks(self._mark)
        if len(held) == 1 and not marks.keys() - {EVERY}:
            after = {EVERY: mark}
        else:
            signing = {key.kid: mark for key in (held if keys is None else keys)}
            after = self._of_each(marks) | signing
        if after != marks:
            write_private(self._mark, written(after))

    def _of_each(self, marks: Mapping[str, HighWater]) -> dict[str, HighWater]:
        """Marks, with that of every key noted for each."""
        every = marks.get(EVERY)
        noted = {kid: mark for kid, mark in marks.items() if kid != EVERY}
        if every is None:
            return noted
        of_all = {key.kid: every for key in self.public(NODE, Purpose.LOG)}
        return of_all | {
            kid: mark for kid, mark in noted.items() if kid not in of_all or mark.size > every.size
        }

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
