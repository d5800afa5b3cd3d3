"""Erasing by charter: the payloads that a version names, and a member's signed word on them.

An author may be absent when something of its log has to go. Then a majority of the charter keys
names it, and every holder destroys it as if the log had said so. A payload is named by its place
and its digest together, so that nothing else is ever meant, and nothing is said of what it held.
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Literal

from msgspec import Struct
from msgspec.json import Decoder

from protocols.encoding import decode_canonical, encode_canonical, require_utc
from protocols.entries import Digest, Index
from protocols.errors import CharterRefused, Malformed, NotForUs
from protocols.keys import PrivateKey, PublicKey, Purpose
from protocols.members import Name
from protocols.messages import sign_compact, verify_compact
from protocols.receipts import MAX_RECEIPT

MAX_ERASED = 1000
"""Payloads that one version of a charter may name."""
_TYPE = "commonhearth-charter-erasure+jws"


class ErasedPayload(Struct, frozen=True, forbid_unknown_fields=True):
    """The payload that the entry at `index` of a member's log published, of this digest."""

    node: Name
    index: Index
    digest: Digest


class CharterErasure(Struct, frozen=True, forbid_unknown_fields=True):
    """The member `by` holds nothing, since a time in UTC, of the payloads that a version names.

    `charter` is the digest of that version.
    """

    v: Literal[1]
    by: Name
    charter: Digest
    outcome: Literal["erased"]
    at: datetime

    def __post_init__(self) -> None:
        require_utc(self.at)


_erasure = Decoder(CharterErasure)


def check_erased(named: Sequence[ErasedPayload], members: Collection[str]) -> None:
    """Raise CharterRefused unless these are of members' logs, in order, and none stands twice."""
    for one in named:
        if one.node not in members:
            raise CharterRefused(
                f"charter: is to erase a payload of {one.node}, which is no member"
            )
    if any((a.node, a.index) >= (b.node, b.index) for a, b in pairwise(named)):
        raise CharterRefused(
            "charter: the payloads that it is to erase do not stand in the order of their nodes "
            "and entries, or one stands there twice"
        )


def sign_charter_erasure(said: CharterErasure, key: PrivateKey) -> str:
    """The receipt signed by the member's access key; raises Malformed."""
    payload = encode_canonical(said, _erasure, "erasure")
    return sign_compact(_TYPE, payload, key, purpose=Purpose.ACCESS)


def open_charter_erasure(
    text: str, *, by: str, keys: Callable[[str], PublicKey | None], charter: str
) -> CharterErasure:
    """Verify a receipt that the member `by` shows for the version with the digest `charter`.

    `keys(kid)` gives that member's access keys. Raises Malformed, UnknownKey, BadSignature, or
    NotForUs when the receipt is another member's or for another version.
    """
    if len(text) > MAX_RECEIPT:
        raise Malformed(f"erasure: more than {MAX_RECEIPT} bytes")
    said = decode_canonical(verify_compact(text, _TYPE, keys), _erasure, "erasure")
    if said.by != by or said.charter != charter:
        raise NotForUs("erasure: another member's, or for another version of the charter")
    return said
