"""The secret that signs forms' tokens: in a file beside the keys, made when it is first needed."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

from directory.errors import DirectoryError
from federation import write_private

_SIZE = 32
_NAME = "web-secret"


class UnsafeSecret(DirectoryError):
    """The file can be read by others, or is damaged."""


def web_secret(keys: Path) -> bytes:
    """The secret of a node's pages; the same for all its processes. Raises UnsafeSecret."""
    path = keys / _NAME
    if not path.exists():
        draft = keys / f".{_NAME}.{secrets.token_hex(8)}"
        write_private(draft, secrets.token_bytes(_SIZE))
        with suppress(FileExistsError):
            os.link(draft, path)  # another process may have been faster: then its one counts
        draft.unlink()
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise UnsafeSecret(f"{path} can be read by others: run chmod 600 on it")
    secret = path.read_bytes()
    if len(secret) != _SIZE:
        raise UnsafeSecret(f"{path} is damaged: remove it, and everybody reloads their forms")
    return secret
