"""A file of lines beside the keys that is only ever added to: what was destroyed here.

It lies outside both databases, so a restored backup does not take it back. A line is a fixed number
of lower-case hexadecimal digits.
"""

import os
import re
from collections.abc import Collection
from pathlib import Path

from federation.errors import UnsafeKeys


def add_destroyed(path: Path, lines: Collection[str]) -> None:
    """Add lines; on disk before this returns."""
    if not lines:
        return
    data = "".join(f"{one}\n" for one in lines).encode()
    with os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size and (file.seek(size - 1), file.read(1))[1] != b"\n":
            data = b"\n" + data  # a write that a power cut ended
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def read_destroyed(path: Path, digits: int) -> list[str]:
    """The lines, each of so many digits. Raises UnsafeKeys when the file is damaged."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    # The last line, or one before a later note, may have been cut off: its transaction had not
    # come to an end then, and nothing was destroyed.
    if any(len(line) > digits or not re.fullmatch(rb"[0-9a-f]*", line) for line in lines):
        raise UnsafeKeys(
            f"{path} is damaged, so nothing says what was destroyed here, and nothing is "
            "served. Restore the file from the key backup."
        )
    return [line.decode() for line in lines if len(line) == digits]
