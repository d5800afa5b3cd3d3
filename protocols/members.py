"""Who is in, by the charter: nodes, the authorities that each serves, and their public keys."""

from collections import Counter
from typing import Annotated, Literal, NamedTuple, TypeAlias

from msgspec import UNSET, Meta, Struct, UnsetType

from protocols.cosignature import Cosigner
from protocols.encoding import b64url, from_b64url
from protocols.entries import Digest, Index
from protocols.errors import CharterRefused, Malformed
from protocols.keys import AUTHORITY_PURPOSES, NODE_PURPOSES, PublicKey, Purpose
from protocols.kinds import Gss, Line
from protocols.note import NoteVerifier

Name: TypeAlias = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,62}\Z")]
Url: TypeAlias = Annotated[
    str,
    Meta(pattern=r"^https?://[a-z0-9.:\[\]-]+(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*\Z", max_length=200),
]
Origin: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9./:\[\]_-]+\Z", max_length=200)]


class Pin(NamedTuple):
    """What a log was when one of its keys was ended: its size, and the root over that many."""

    size: int
    root: bytes


class Key(Struct, frozen=True, forbid_unknown_fields=True):
    """A public key, for one purpose.

    A log key signs checkpoints of sizes from `since` to `until`, both inclusive. Once it has an end
    there is the `root` of the log at that size, in base64url: what it signed counts only as part of
    that history. Every other key holds as long as a charter names it.
    """

    purpose: Purpose
    public: str
    since: Index = 0
    until: Index | None = None
    root: Digest | UnsetType = UNSET

    @property
    def key(self) -> PublicKey:
        """The key itself; raises Malformed."""
        return PublicKey(self.purpose, from_b64url(self.public, "charter: key"))

    @classmethod
    def of(cls, key: PublicKey, since: int = 0) -> "Key":
        """The form in which a charter holds a key."""
        return cls(key.purpose, b64url(key.raw), since)

    @property
    def pin(self) -> Pin | None:
        """Where an ended log key ended; None while it holds."""
        if self.until is None or self.root is UNSET:
            return None
        return Pin(self.until, from_b64url(self.root, "charter: root"))

    def holds_at(self, size: int) -> bool:
        """Whether this log key may sign a checkpoint of such a size."""
        return self.since <= size and (self.until is None or size <= self.until)


class ServedAuthority(Struct, frozen=True, forbid_unknown_fields=True):
    """An authority that a node serves, with that authority's message keys."""

    gss: Gss
    name: Line
    keys: tuple[Key, ...]


class Member(Struct, frozen=True, forbid_unknown_fields=True):
    """A node: its base URL, its log's origin, its own keys, and the authorities that it serves.

    `reason` says why it is suspended, where the charter does.
    """

    node: Name
    url: Url
    origin: Origin
    status: Literal["active", "suspended"]
    keys: tuple[Key, ...]
    authorities: tuple[ServedAuthority, ...]
    reason: Line | UnsetType = UNSET

    def keys_for(self, purpose: Purpose) -> tuple[PublicKey, ...]:
        """The node's own keys for a purpose; of log keys, also those that have ended."""
        return tuple(key.key for key in self.keys if key.purpose is purpose)

    @property
    def log_keys(self) -> tuple[Key, ...]:
        """Every key that signs, or has signed, this node's checkpoints."""
        return tuple(key for key in self.keys if key.purpose is Purpose.LOG)

    @property
    def log_verifiers(self) -> tuple[NoteVerifier, ...]:
        """Keys that sign this node's checkpoints now."""
        return tuple(
            NoteVerifier(self.origin, key.key) for key in self.log_keys if key.until is None
        )

    def log_verifiers_at(self, size: int) -> tuple[NoteVerifier, ...]:
        """Keys that may have signed this node's checkpoint of such a size."""
        return tuple(
            NoteVerifier(self.origin, key.key) for key in self.log_keys if key.holds_at(size)
        )

    @property
    def pins(self) -> tuple[Pin, ...]:
        """What this node's log was, by the charter, at certain sizes; the smallest first."""
        return tuple(sorted({pin for key in self.log_keys if (pin := key.pin)}))

    @property
    def cosigners(self) -> tuple[Cosigner, ...]:
        """This node as a witness, under the name that it proposes for itself."""
        name = f"{self.url.partition('://')[2]}/witness"
        return tuple(Cosigner(name, key) for key in self.keys_for(Purpose.WITNESS))

    @property
    def every_key(self) -> tuple[tuple[str, Key], ...]:
        """All keys of the node and its authorities, each with whose it is: a name or GSS code."""
        of_authorities = ((one.gss, key) for one in self.authorities for key in one.keys)
        return (*((self.node, key) for key in self.keys), *of_authorities)

    @property
    def area(self) -> frozenset[str]:
        """GSS codes of the authorities whose homes this node may publish."""
        return frozenset(authority.gss for authority in self.authorities)


def check_member(member: Member) -> None:
    """Raise CharterRefused where a member's keys are not what a charter may name.

    Every purpose has its key and no other. Only log keys have a range; an active member has one
    that has not ended. A log has one root at a size.
    """
    _check_purposes(member.node, member.keys, NODE_PURPOSES)
    for authority in member.authorities:
        _check_purposes(authority.gss, authority.keys, AUTHORITY_PURPOSES)
    for who, key in member.every_key:
        if key.purpose is Purpose.LOG:
            _check_range(who, key)
        elif key.since or key.until is not None or key.root is not UNSET:
            raise CharterRefused(f"charter: {who}: only a log key holds from one size to another")
    sizes = Counter(pin.size for pin in member.pins)
    if any(count > 1 for count in sizes.values()):
        raise CharterRefused(f"charter: {member.node}: two roots for one size of its log")
    if member.status == "active" and not member.log_verifiers:
        raise CharterRefused(f"charter: {member.node} is active, and all its log keys have ended")
    if member.status == "active" and member.reason is not UNSET:
        raise CharterRefused(f"charter: {member.node} is active; a reason is for a suspension")


def _check_purposes(who: str, keys: tuple[Key, ...], purposes: tuple[Purpose, ...]) -> None:
    if {key.purpose for key in keys} != set(purposes):
        raise CharterRefused(f"charter: {who} needs keys for {', '.join(purposes)}, and no others")
    for key in keys:
        try:
            _ = key.key
        except Malformed as error:
            raise CharterRefused(f"charter: {who}: {error}") from error


def _check_range(who: str, key: Key) -> None:
    if (key.until is None) != (key.root is UNSET):
        raise CharterRefused(f"charter: {who}: a log key ends at a size and the root there")
    if key.until is not None and key.until < key.since:
        raise CharterRefused(f"charter: {who}: a log key ends before it begins")
