"""Keys by purpose. One key serves one purpose, so that a signature can never be read as another.

Signing is Ed25519 (RFC 8032), sealing X25519 (RFC 7748). A key's id is the RFC 7638 thumbprint of
its RFC 8037 JSON Web Key.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from joserfc.jwk import OKPKey

from protocols.encoding import b64url
from protocols.errors import BadSignature, Malformed

SEED_SIZE = 32


class Purpose(StrEnum):
    """What a key is for. The first three belong to a node, the next two to an authority."""

    LOG = "log"
    WITNESS = "witness"
    ACCESS = "access"
    SIGNING = "message-signing"
    SEALING = "message-encryption"
    CHARTER = "charter"


NODE_PURPOSES = (Purpose.LOG, Purpose.WITNESS, Purpose.ACCESS)
AUTHORITY_PURPOSES = (Purpose.SIGNING, Purpose.SEALING)

# The y (Ed25519) and u (X25519) of points of small order. Under such a key anybody's signature
# verifies, and anybody opens the seal: a member could disown what it signed.
_FIELD = 2**255 - 19
_EIGHTH = 0x7A03AC9277FDC74EC6CC392CFA53202A0F67100D760B3CBA4FD84D3D706A17C7
_SMALL_ORDER = {
    "Ed25519": {0, 1, _FIELD - 1, _EIGHTH, _FIELD - _EIGHTH},
    "X25519": {
        0,
        1,
        _FIELD - 1,
        0x00B8495F16056286FDB1329CEB8D09DA6AC49FF1FAE35616AEB8413B7C7AEBE0,
        0x57119FD0DD4E22D8868E1C58C45C44045BEF839C55B1D0B1248C50A3BC959C5F,
    },
}


@dataclass(frozen=True)
class PublicKey:
    """The 32 public bytes of an Ed25519 key, or of an X25519 key when the purpose is sealing."""

    purpose: Purpose
    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != SEED_SIZE:
            raise Malformed(f"{self.purpose} key: {len(self.raw)} bytes instead of {SEED_SIZE}")
        coordinate = int.from_bytes(self.raw, "little") % 2**255 % _FIELD
        if coordinate in _SMALL_ORDER[self.curve]:
            raise Malformed(f"{self.purpose} key: a point of small order, which protects nothing")

    @property
    def curve(self) -> str:
        """The name of the curve in RFC 8037."""
        return "X25519" if self.purpose is Purpose.SEALING else "Ed25519"

    @cached_property
    def kid(self) -> str:
        """RFC 7638 thumbprint: base64url of SHA-256 over the key's required members."""
        members = f'{{"crv":"{self.curve}","kty":"OKP","x":"{b64url(self.raw)}"}}'
        return b64url(sha256(members.encode("ascii")).digest())

    @cached_property
    def jwk(self) -> OKPKey:
        """The key as joserfc wants it."""
        return OKPKey.import_key({"kty": "OKP", "crv": self.curve, "x": b64url(self.raw)})

    def verify(self, signature: bytes, message: bytes) -> None:
        """Raise BadSignature unless this key signed the message."""
        if self.purpose is Purpose.SEALING:
            raise TypeError("a sealing key does not sign")
        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature as error:
            raise BadSignature(f"{self.purpose} key: the signature does not verify") from error


@dataclass(frozen=True, repr=False)
class PrivateKey:
    """A key that its owner holds: a purpose and 32 secret bytes, drawn by the caller."""

    purpose: Purpose
    seed: bytes

    def __post_init__(self) -> None:
        if len(self.seed) != SEED_SIZE:
            raise Malformed(f"{self.purpose} key: {len(self.seed)} bytes instead of {SEED_SIZE}")

    def __repr__(self) -> str:
        return f"<PrivateKey {self.purpose} {self.public.kid}>"

    @cached_property
    def public(self) -> PublicKey:
        """The half to hand out."""
        return PublicKey(self.purpose, self._private().public_key().public_bytes_raw())

    @cached_property
    def jwk(self) -> OKPKey:
        """The key as joserfc wants it."""
        return OKPKey.import_key(self._private())

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature of 64 bytes (RFC 8032)."""
        private = self._private()
        if not isinstance(private, Ed25519PrivateKey):
            raise TypeError("a sealing key does not sign")
        return private.sign(message)

    def _private(self) -> Ed25519PrivateKey | X25519PrivateKey:
        if self.purpose is Purpose.SEALING:
            return X25519PrivateKey.from_private_bytes(self.seed)
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def check_purpose(key: PublicKey | PrivateKey, purpose: Purpose) -> None:
    """Raise TypeError where the program itself takes a key for another purpose."""
    if key.purpose is not purpose:
        raise TypeError(f"a {key.purpose} key where the {purpose} key belongs")
