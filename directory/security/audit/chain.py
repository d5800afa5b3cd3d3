"""The hash of an audit row: over all that it says and the hash of the row before.

SHA-256 over a name of its own, the hash before in 32 bytes, and the row as canonical JSON: a list
in the order of `Row`. A reason enters by the digest of its sealed bytes, so an erased one leaves
the chain whole.
"""

from datetime import datetime
from hashlib import sha256

import msgspec
from msgspec import Struct

START = bytes(32)
_DOMAIN = b"commonhearth/audit-row/1\n"


class Row(Struct, frozen=True, array_like=True):
    """What is hashed of a row. `at` is in UTC."""

    seq: int
    at: datetime
    who: str
    who_name: str
    action: str
    authority: str | None
    record: str
    detail: str
    reason_digest: bytes | None


def row_hash(row: Row, previous: bytes) -> bytes:
    """The hash of a row that follows one with the hash `previous`."""
    return sha256(_DOMAIN + previous + msgspec.json.encode(row)).digest()
