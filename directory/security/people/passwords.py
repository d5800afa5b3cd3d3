"""Passwords: which are fit, and how they are kept: argon2id (RFC 9106), with a salt each.

Length counts, not the kinds of characters (NCSC, "Password administration for system owners").
"""

import secrets
import unicodedata
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from directory.security.people.errors import PasswordUnfit

SHORTEST = 12
LONGEST = 128
_DISTINCT = 5
_HASHER = PasswordHasher()  # RFC 9106's second recommended option: 64 MiB, three passes


def hash_password(password: str, email: str) -> str:
    """What to keep of a password. Raises PasswordUnfit."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise PasswordUnfit(
            f"The password must have {SHORTEST} to {LONGEST} characters. Three random words do well"
        )
    lowered = password.lower()
    if len(set(lowered)) < _DISTINCT or email.partition("@")[0] in lowered or "hearth" in lowered:
        raise PasswordUnfit(
            "The password is easy to guess. Leave out your email address, this service’s name and "
            "repetitions; three random words do well"
        )
    return _HASHER.hash(_normal(password))


def is_password(stored: str | None, typed: str) -> bool:
    """Whether it is the password. Takes as long where there is none as where there is one."""
    typed = _normal(typed[: LONGEST + 1])
    try:
        _HASHER.verify(stored or _nobodys(), typed)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return stored is not None


def is_outdated(stored: str) -> bool:
    """Whether a password, next time it is typed, should be hashed anew: the parameters grew."""
    return _HASHER.check_needs_rehash(stored)


def rehash(password: str) -> str:
    """What to keep of a password that is in use already."""
    return _HASHER.hash(_normal(password))


@cache
def _nobodys() -> str:
    return _HASHER.hash(secrets.token_hex())


def _normal(password: str) -> str:
    return unicodedata.normalize("NFKC", password)
