"""How far each log key of a node has been asked to sign: a file beside the keys.

A line for each key has the size, the root in base64 and the key's id. A line without an id is of
every log key that is held: so the file is as long as there is but one. What an ended key has signed
beyond its end counts nowhere, so its mark then binds nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from federation.errors import UnsafeKeys
from protocols.encoding import b64, from_b64, from_b64url
from protocols.errors import Malformed
from protocols.merkle import HASH_SIZE

EVERY = ""
"""In the place of a key's id: every log key that is held."""


@dataclass(frozen=True, slots=True)
class HighWater:
    """The largest checkpoint that a log key has been asked to sign."""

    size: int
    root: bytes


def read_marks(path: Path) -> dict[str, HighWater]:
    """The marks by key id; none where there is no file. Raises UnsafeKeys when it is damaged."""
    try:
        marks = dict(map(_read, path.read_text("ascii").splitlines()))
    except FileNotFoundError:
        return {}
    except (ValueError, Malformed) as error:
        raise UnsafeKeys(f"{path} is damaged: restore it from the key backup") from error
    if not marks:
        raise UnsafeKeys(f"{path} is damaged: restore it from the key backup")
    return marks


def written(marks: Mapping[str, HighWater]) -> bytes:
    """The file that holds these marks."""
    lines = [f"{mark.size} {b64(mark.root)} {kid}".rstrip() for kid, mark in marks.items()]
    return "".join(f"{line}\n" for line in lines).encode()


def _read(line: str) -> tuple[str, HighWater]:
    size, root, *of = line.split(" ")
    mark = HighWater(int(size), from_b64(root, "high-water mark"))
    if mark.size < 0 or any(
        len(one) != HASH_SIZE
        for one in (mark.root, *(from_b64url(kid, "high-water mark") for kid in of))
    ):
        raise ValueError(line)
    return (of[0] if of else EVERY), mark
