"""Sealing one value: AES-256-GCM under a data key, which an epoch key wraps. No database, no disk.

A sealed value is one byte for the form, 12 random bytes of nonce, ciphertext and tag (NIST SP
800-38D). Table, column and record are authenticated with it, so a value that was moved elsewhere
does not open. Wrapping is AES key wrap (RFC 3394).
"""

import secrets
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from directory.security.vault.errors import DamagedValue

KEY_SIZE = 32
_NONCE_SIZE = 12
_FORM = b"\x01"
_FINGERPRINT = b"commonhearth/epoch-key/1\n"


def new_key() -> bytes:
    """A data key or an epoch key, drawn afresh."""
    return secrets.token_bytes(KEY_SIZE)


def fingerprint(key: bytes) -> str:
    """What the database keeps of an epoch key, to tell it from another: SHA-256, hexadecimal."""
    return sha256(_FINGERPRINT + key).hexdigest()


def wrap(data_key: bytes, epoch_key: bytes) -> bytes:
    """A data key, wrapped: 40 bytes."""
    return aes_key_wrap(epoch_key, data_key)


def unwrap(wrapped: bytes, epoch_key: bytes) -> bytes:
    """Inverse of `wrap`. Raises DamagedValue."""
    try:
        return aes_key_unwrap(epoch_key, wrapped)
    except (InvalidUnwrap, ValueError):
        raise DamagedValue(
            "A data key in the database is damaged. Restore a backup of the database."
        ) from None


def seal_value(data_key: bytes, table: str, column: str, record: str, value: bytes) -> bytes:
    """A value, sealed for this place alone."""
    nonce = secrets.token_bytes(_NONCE_SIZE)
    return _FORM + nonce + AESGCM(data_key).encrypt(nonce, value, _place(table, column, record))


def open_value(data_key: bytes, table: str, column: str, record: str, sealed: bytes) -> bytes:
    """Inverse of `seal_value`. Raises DamagedValue."""
    nonce, text = sealed[1 : 1 + _NONCE_SIZE], sealed[1 + _NONCE_SIZE :]
    try:
        if sealed[:1] != _FORM:
            raise InvalidTag
        return AESGCM(data_key).decrypt(nonce, text, _place(table, column, record))
    except (InvalidTag, ValueError):
        raise DamagedValue(
            f"What stands in {table}.{column} of {record} is damaged, or belongs elsewhere. "
            "Restore a backup of the database; 'hearth audit verify' says whether more was changed."
        ) from None


def _place(*parts: str) -> bytes:
    """The parts, each after its length in four bytes: no two places give the same bytes."""
    raw = [part.encode() for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in raw)
