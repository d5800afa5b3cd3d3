"""Receipts of erasure: a member's signed word that it has destroyed what an `erase` entry names.

Each is about one entry of one log, named by the log's origin, the index and the leaf hash, so that
it says nothing of any other history. It proves what the member said, never what it did.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.json import Decoder

from protocols.encoding import b64url, decode_canonical, encode_canonical, require_utc
from protocols.entries import MAX_INDEX, Digest
from protocols.errors import Malformed, NotForUs
from protocols.keys import PrivateKey, PublicKey, Purpose
from protocols.members import Name, Origin
from protocols.merkle import leaf_hash
from protocols.messages import sign_compact, verify_compact
from protocols.receipts import MAX_RECEIPT

_TYPE = "commonhearth-erasure+jws"


class Erasure(Struct, frozen=True, forbid_unknown_fields=True):
    """The signed part: the member `by` has destroyed, at a time in UTC, all that the entry names.

    `leaf` is the base64url of the entry's leaf hash.
    """

    v: Literal[1]
    by: Name
    origin: Origin
    entry: Annotated[int, Meta(ge=0, le=MAX_INDEX)]
    leaf: Digest
    outcome: Literal["erased"]
    at: datetime

    def __post_init__(self) -> None:
        require_utc(self.at)


_erasure = Decoder(Erasure)


def erased(by: str, origin: str, index: int, raw: bytes, at: datetime) -> Erasure:
    """What the member `by` says of the entry with these bytes, at this index of a log."""
    return Erasure(1, by, origin, index, b64url(leaf_hash(raw)), "erased", at)


def sign_erasure(erasure: Erasure, key: PrivateKey) -> str:
    """The receipt signed by the member's access key; raises Malformed."""
    return sign_compact(
        _TYPE, encode_canonical(erasure, _erasure, "erasure"), key, purpose=Purpose.ACCESS
    )


def open_erasure(
    text: str,
    *,
    by: str,
    keys: Callable[[str], PublicKey | None],
    origin: str,
    entry: Callable[[int], bytes | None],
) -> Erasure:
    """Verify a receipt that the member `by` delivers to the author of the log `origin`.

    `keys(kid)` gives that member's access keys, `entry(index)` the bytes of an `erase` entry of
    the log, None where there is no such entry. Raises Malformed, UnknownKey, BadSignature, or
    NotForUs when the receipt is another member's, of another log or of another entry.
    """
    if len(text) > MAX_RECEIPT:
        raise Malformed(f"erasure: more than {MAX_RECEIPT} bytes")
    said = decode_canonical(verify_compact(text, _TYPE, keys), _erasure, "erasure")
    if said.by != by or said.origin != origin:
        raise NotForUs("erasure: another member's, or of another log")
    raw = entry(said.entry)
    if raw is None or b64url(leaf_hash(raw)) != said.leaf:
        raise NotForUs(f"erasure: entry {said.entry} of this log is not the one that it names")
    return said
