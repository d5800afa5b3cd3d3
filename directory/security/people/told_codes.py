"""Codes that are told by telephone: what a link that came by email opens with.

Drawn at random, shown once to who tells it, and kept as a hash, as passwords are.
"""

import secrets

from directory.security.people.passwords import is_password, rehash

_LETTERS = "BCDFGHJKMPQRTVWXY2346789"  # none that is heard or read as another
_SIZE, _GROUP = 12, 4


def new_code() -> tuple[str, str]:
    """A code as it is told, and what to keep of it."""
    code = "".join(secrets.choice(_LETTERS) for _ in range(_SIZE))
    return "-".join(code[at : at + _GROUP] for at in range(0, _SIZE, _GROUP)), rehash(code)


def is_code(kept: str | None, typed: str) -> bool:
    """Whether it is the code, however it was typed. Takes as long where there is none."""
    return is_password(kept, "".join(one for one in typed.upper() if one.isalnum()))
