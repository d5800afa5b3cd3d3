"""Sealed messages from one authority to another: JWS inside JWE, one fixed suite.

Version 1: JWS compact with Ed25519 (RFC 9864), then JWE compact with ECDH-ES+A256KW over X25519
and A256GCM (RFC 8037, RFC 7516). Sender, recipient, id and expiry stand inside the signed part.
Headers are closed: a member that is not named here (`zip`, `jku`, `x5u`, `jwk`, `p2c`, …) is
refused, and so is any other algorithm, before a key is touched.

Sealing draws an ephemeral key and a content key from the operating system through joserfc.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec
from joserfc import jwe, jws
from joserfc.errors import JoseError
from msgspec import Meta, Struct
from msgspec.json import Decoder

from protocols.attachments import MAX_ATTACHMENTS, Attachment, check_together
from protocols.encoding import (
    b64url,
    decode_canonical,
    decode_json,
    encode_canonical,
    from_b64url,
    require_utc,
)
from protocols.errors import Expired, Malformed, NotForUs, NotYet, UnknownKey, WrongSender
from protocols.keys import PrivateKey, PublicKey, Purpose, check_purpose
from protocols.kinds import Gss

# A notice with three documents of the greatest length fits, in any living script.
MAX_SEALED = 1024 * 1024
CLOCK_LEEWAY = timedelta(minutes=5)
MessageId: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f]{32}\Z")]
Kid: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{43}\Z")]
_JWS = ["Ed25519"]
H = TypeVar("H", bound=Struct)


class _Suite(jwe.JWERegistry):
    """joserfc with our two algorithms, and our limit in the place of its own."""

    max_ciphertext_length = MAX_SEALED


_SUITE = _Suite(algorithms=["ECDH-ES+A256KW", "A256GCM"])


class SignedHeader(Struct, frozen=True, forbid_unknown_fields=True):
    """The JOSE header of what is signed: a message, a receipt, or a snapshot."""

    alg: Literal["Ed25519"]
    typ: Literal[
        "commonhearth-message+jws",
        "commonhearth-receipt+jws",
        "commonhearth-erasure+jws",
        "commonhearth-charter-erasure+jws",
        "commonhearth-snapshot+jws",
    ]
    kid: Kid


_signed_header = Decoder(SignedHeader)


class _Ephemeral(Struct, frozen=True, forbid_unknown_fields=True):
    kty: Literal["OKP"]
    crv: Literal["X25519"]
    x: Kid


class SealedHeader(Struct, frozen=True, forbid_unknown_fields=True):
    """The JOSE header of a seal."""

    alg: Literal["ECDH-ES+A256KW"]
    enc: Literal["A256GCM"]
    typ: Literal["commonhearth-sealed+jwe"]
    kid: Kid
    epk: _Ephemeral


_sealed_header = Decoder(SealedHeader)


class Message(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """The signed part. `sender` and `recipient` are authorities; `body` is JSON with a `schema`.

    Both times are in UTC. The chunks of `attachments` travel apart, and before.
    """

    v: Literal[1]
    id: MessageId
    sender: Gss
    recipient: Gss
    sent: datetime
    expires: datetime
    body: msgspec.Raw
    attachments: Annotated[tuple[Attachment, ...], Meta(max_length=MAX_ATTACHMENTS)] = ()

    def __post_init__(self) -> None:
        require_utc(self.sent, self.expires)
        check_together(self.attachments)


_message = Decoder(Message)


@dataclass(frozen=True, slots=True)
class OpenedMessage:
    """A message that was unsealed and verified, with the digest of exactly what was signed."""

    message: Message
    signed_digest: str


def signed_digest(signed: str) -> str:
    """base64url of SHA-256 over a JWS. Only who opened the seal can name a message's."""
    return b64url(sha256(signed.encode()).digest())


def sealed_digest(sealed: bytes) -> str:
    """base64url of SHA-256 over a sealed message as it travelled."""
    return b64url(sha256(sealed).digest())


def sign_message(message: Message, key: PrivateKey) -> str:
    """The message signed by its sender's message-signing key; raises Malformed."""
    payload = encode_canonical(message, _message, "message")
    return sign_compact("commonhearth-message+jws", payload, key)


def seal(signed: str, recipient: PublicKey) -> bytes:
    """A signed message encrypted to the recipient's message-encryption key.

    Raises Malformed when it is longer than the recipient would accept.
    """
    check_purpose(recipient, Purpose.SEALING)
    header = {
        "alg": "ECDH-ES+A256KW",
        "enc": "A256GCM",
        "typ": "commonhearth-sealed+jwe",
        "kid": recipient.kid,
    }
    sealed = jwe.encrypt_compact(header, signed, recipient.jwk, registry=_SUITE).encode()
    _check_size(sealed)
    return sealed


def open_message(
    sealed: bytes,
    *,
    recipient: str,
    sealing_key: Callable[[str], PrivateKey | None],
    signing_key: Callable[[str, str], PublicKey | None],
) -> OpenedMessage:
    """Unseal and verify a message that was delivered to the authority `recipient`.

    `sealing_key(kid)` gives the recipient's private key; `signing_key(gss, kid)` the public key
    that the charter names for that authority. The clock is judged apart, by `check_time`, after a
    repeated delivery has been recognised.

    Raises Malformed (form or suite), UnknownKey, BadSignature, NotForUs.
    """
    _check_size(sealed)
    text = _ascii(sealed)
    header = _header(text, 5, _sealed_header, "message: seal's header")
    key = sealing_key(header.kid)
    if key is None:
        raise UnknownKey("message: sealed to a key that this authority does not hold")
    try:
        signed = jwe.decrypt_compact(text, key.jwk, registry=_SUITE).plaintext
    except (JoseError, ValueError) as error:
        raise Malformed("message: the seal does not open") from error
    signed_text = _ascii(signed or b"")
    # Unverified until the next line but one: only used to look up the key that must verify it.
    claimed = decode_canonical(_part(signed_text, 1, 3), _message, "message")
    verify_compact(
        signed_text, "commonhearth-message+jws", lambda k: signing_key(claimed.sender, k)
    )
    if claimed.recipient != recipient:
        raise NotForUs(f"message: for {claimed.recipient}, delivered to {recipient}")
    return OpenedMessage(claimed, signed_digest(signed_text))


def check_sender(message: Message, authorities: frozenset[str]) -> None:
    """Raise WrongSender unless the delivering node serves the authority that signed."""
    if message.sender not in authorities:
        raise WrongSender(f"message: {message.sender} is not served by the node that delivers it")


def check_time(message: Message, now: datetime) -> None:
    """Raise Expired or NotYet when `now` is outside the message's validity by over five minutes."""
    # The leeway goes to our time: theirs may stand at an end of the calendar.
    if now - CLOCK_LEEWAY > message.expires:
        raise Expired(f"message: expired at {message.expires:%Y-%m-%d %H:%M} UTC")
    if now + CLOCK_LEEWAY < message.sent:
        raise NotYet("message: sent in the future; one of the two clocks is wrong")


def sign_compact(
    typ: str, payload: bytes, key: PrivateKey, *, purpose: Purpose = Purpose.SIGNING
) -> str:
    """A JWS in compact form under the closed header of this module, by a key for `purpose`."""
    check_purpose(key, purpose)
    return jws.serialize_compact(
        {"alg": "Ed25519", "typ": typ, "kid": key.public.kid}, payload, key.jwk, algorithms=_JWS
    )


def verify_compact(text: str, typ: str, find: Callable[[str], PublicKey | None]) -> bytes:
    """The payload of a JWS made by `sign_compact`; `find(kid)` gives the key that must verify it.

    Raises Malformed (form, suite or type), UnknownKey, BadSignature.
    """
    header = _header(text, 3, _signed_header, "signature's header")
    if header.typ != typ:
        raise Malformed(f"signature: made for {header.typ}, not for {typ}")
    key = find(header.kid)
    if key is None:
        raise UnknownKey("signature: not by a key that the charter names for this")
    key.verify(_part(text, 2, 3), text.rpartition(".")[0].encode())
    return _part(text, 1, 3)


def _header(text: str, count: int, kind: Decoder[H], what: str) -> H:
    """A header: its members in any order, each of them once, without white space."""
    data = _part(text, 0, count)
    header = decode_json(data, kind, what)
    if len(msgspec.json.encode(header)) != len(data):
        raise Malformed(f"{what}: a member stands there twice, or white space")
    return header


def _check_size(sealed: bytes) -> None:
    if len(sealed) > MAX_SEALED:
        raise Malformed(f"message: more than {MAX_SEALED} bytes")


def _part(text: str, index: int, count: int) -> bytes:
    parts = text.split(".")
    if len(parts) != count:
        raise Malformed(f"compact JOSE: {len(parts)} parts instead of {count}")
    decoded = [from_b64url(part, "compact JOSE") for part in parts]
    return decoded[index]


def _ascii(data: bytes) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError as error:
        raise Malformed("compact JOSE: not ASCII") from error
