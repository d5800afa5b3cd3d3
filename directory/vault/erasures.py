"""What was destroyed, noted beside the keys, so that a restored backup brings nothing back.

The file `erased` holds one line for each data key that was deleted, its id alone. It is only ever
added to, and belongs into every backup of the keys.
"""

import os
import re
from collections.abc import Collection
from pathlib import Path

from sqlalchemy import delete, select

from directory.vault.epochs import keys_of
from directory.vault.errors import UnsafeEpochKey
from directory.vault.models import data_key
from federation import Node, forget_deleted, in_parts, reading, writing

_LINE = re.compile(rb"[0-9a-f]{32}")


def note_erasures(keys: Path, ids: Collection[str]) -> None:
    """Add these data keys' ids; on disk before this returns."""
    if not ids:
        return
    lines = "".join(f"{one}\n" for one in ids).encode()
    path = _path(keys)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size and (file.seek(size - 1), file.read(1))[1] != b"\n":
            lines = b"\n" + lines  # a write that a power cut ended
        file.write(lines)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(keys, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def replay_erasures(node: Node) -> int:
    """Delete every data key that was destroyed and is here again; gives how many were.

    Before anything of a database is served, so that a backup brings nothing back. Raises
    UnsafeEpochKey when the file is damaged.
    """
    back: list[str] = []
    with reading(node.node_db) as connection:
        for part in in_parts(_noted(keys_of(node))):
            back += connection.scalars(select(data_key.c.id).where(data_key.c.id.in_(part)))
    if back:
        with writing(node.node_db) as connection:
            for part in in_parts(back):
                connection.execute(delete(data_key).where(data_key.c.id.in_(part)))
        forget_deleted(node.node_db)
    return len(back)


def _noted(keys: Path) -> list[str]:
    try:
        lines = _path(keys).read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    # The last line, or one before a later note, may have been cut off: its transaction had not
    # come to an end then, and nothing was destroyed.
    whole = [line.decode() for line in lines if _LINE.fullmatch(line)]
    torn = [line for line in lines if line and not _LINE.fullmatch(line)]
    if any(len(line) >= 32 or not re.fullmatch(rb"[0-9a-f]*", line) for line in torn):
        raise UnsafeEpochKey(
            f"{_path(keys)} is damaged, so nothing says what was destroyed here, and nothing is "
            "served. Restore the file from the key backup."
        )
    return whole


def _path(keys: Path) -> Path:
    return keys / "erased"
