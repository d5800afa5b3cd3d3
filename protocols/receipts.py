"""Signed receipts: what the recipient of a message answers, and what that proves.

`stored` means verified, decrypted and stored durably. `refused` says why not. A receipt names the
digest of the sealed bytes that were delivered and, when the seal could be opened, the digest of the
signed message inside, which nobody else can know. It proves storage, not time.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.json import Decoder

from protocols.encoding import decode_canonical, encode_canonical, from_b64url, require_utc
from protocols.errors import Malformed, NotForUs
from protocols.keys import PrivateKey, PublicKey
from protocols.kinds import Gss
from protocols.messages import sign_compact, verify_compact

MAX_RECEIPT = 4096
_TYPE = "commonhearth-receipt+jws"
Digest: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}\Z")]
Reason: TypeAlias = Literal[
    "malformed",
    "unknown-key",
    "bad-signature",
    "not-for-us",
    "wrong-sender",
    "expired",
    "id-reused",
    "unknown-schema",
]


class Receipt(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The signed part. `by` is the authority that received; `signed` is absent if never opened."""

    v: Literal[1]
    by: Gss
    outcome: Literal["stored", "refused"]
    at: datetime
    sealed: Digest
    signed: Digest | None = None
    reason: Reason | None = None

    def __post_init__(self) -> None:
        require_utc(self.at)
        if (self.outcome == "refused") != (self.reason is not None):
            raise ValueError("a refusal needs a reason, and nothing else has one")
        if self.outcome == "stored" and self.signed is None:
            raise ValueError("only an opened message is stored")


_receipt = Decoder(Receipt)


def sign_receipt(receipt: Receipt, key: PrivateKey) -> str:
    """The receipt signed by the receiving authority's message-signing key."""
    return sign_compact(_TYPE, encode_canonical(receipt, _receipt, "receipt"), key)


def open_receipt(
    text: str, *, by: str, keys: Mapping[str, PublicKey], sealed: str, signed: str
) -> Receipt:
    """Verify a receipt for a message that was sent.

    `keys` are the recipient's message-signing keys by key id; `sealed` and `signed` the digests of
    what was sent. Raises Malformed, UnknownKey, BadSignature, or NotForUs when the receipt is for
    another message or by another authority.
    """
    if len(text) > MAX_RECEIPT:
        raise Malformed(f"receipt: more than {MAX_RECEIPT} bytes")
    receipt = decode_canonical(verify_compact(text, _TYPE, keys.get), _receipt, "receipt")
    if receipt.by != by or receipt.sealed != sealed or receipt.signed not in (None, signed):
        raise NotForUs("receipt: for another message, or by another authority")
    return receipt


def read_receipt(text: str) -> Receipt:
    """What a receipt says, with its signature left unlooked at: of one that was opened before, or
    that is our own. Raises Malformed.
    """
    _, _, rest = text.partition(".")
    payload = from_b64url(rest.partition(".")[0], "receipt")
    return decode_canonical(payload, _receipt, "receipt")
