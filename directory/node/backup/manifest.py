"""What a backup says of itself, and the proof that this node made it.

The proof is an HMAC under a key derived from the epoch key (RFC 5869), which is in no backup: so
nobody who keeps backups can change one, or put another in its place, without being found out.
"""

import hmac
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Literal

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from msgspec import Meta, Struct

_INFO = b"commonhearth/backup/1"


class Part(Struct, frozen=True, forbid_unknown_fields=True):
    """A file in the archive."""

    size: Annotated[int, Meta(ge=0)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """`revision` is of the database's schema; `epoch` the one whose key proves this."""

    format: Literal[1]
    node: str
    origin: str
    made_at: datetime
    software: str
    database: Literal["sqlite", "postgresql"]
    revision: str
    log_size: int
    audit_rows: int
    epoch: int
    parts: dict[str, Part]


def proof(manifest: bytes, epoch_key: bytes) -> bytes:
    """The proof of a manifest's exact bytes: 32 bytes."""
    key = HKDF(SHA256(), 32, salt=None, info=_INFO).derive(epoch_key)
    return hmac.digest(key, manifest, "sha256")


def is_proved(manifest: bytes, claimed: bytes, epoch_key: bytes) -> bool:
    """Whether a proof is that of these bytes, under this key."""
    return hmac.compare_digest(proof(manifest, epoch_key), claimed)


def digest_of(data: bytes) -> Part:
    """The part that a few bytes make."""
    return Part(len(data), sha256(data).hexdigest())
