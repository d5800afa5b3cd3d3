"""The latest snapshot of each member, in a file of the data directory that is replaced in one step.

DIR/snapshots/<node>.json. The number stays when a snapshot has expired and its text is destroyed,
so that none that is older is taken after it.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from msgspec.json import Decoder

from federation.keystore import write_private
from federation.node import Node
from protocols.encoding import decode_json
from protocols.errors import Malformed
from protocols.snapshots import HeldSnapshot


class Kept(msgspec.Struct, frozen=True):
    """What is known of a member's snapshot. `text` is None when it has expired, or none ever came;
    `trouble` says why the latest that came was not taken.
    """

    number: int = 0
    digest: str = ""
    text: str | None = None
    trouble: str | None = None

    @property
    def held(self) -> HeldSnapshot | None:
        """What `open_snapshot` compares with."""
        return HeldSnapshot(self.number, self.digest) if self.number else None


_kept = Decoder(Kept)


@contextmanager
def alone(node: Node) -> Iterator[None]:
    """Be the only process that changes the shelf."""
    folder = _folder(node)
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        for draft in folder.glob(".*.json.*"):  # a process died before it put it in its place
            draft.unlink()
        yield
    finally:
        os.close(descriptor)


def read(node: Node, name: str) -> Kept:
    """What is kept of a member's snapshot. A file that is damaged counts as none."""
    try:
        return decode_json(_path(node, name).read_bytes(), _kept, "snapshot")
    except (FileNotFoundError, Malformed):
        return Kept()


def write(node: Node, name: str, kept: Kept) -> None:
    """Put this in the place of what was kept, within `alone`."""
    write_private(_path(node, name), msgspec.json.encode(kept))


def members_kept(node: Node) -> list[str]:
    """Of whom something is kept."""
    return sorted(path.stem for path in _folder(node).glob("*.json"))


def marks(node: Node) -> tuple[tuple[str, int, int], ...]:
    """What changes as soon as any snapshot that is kept does: cheap to ask, and to compare."""
    found = []
    for path in sorted(_folder(node).glob("*.json")):
        with suppress(FileNotFoundError):
            stat = path.stat()
            found.append((path.stem, stat.st_ino, stat.st_mtime_ns))
    return tuple(found)


def _folder(node: Node) -> Path:
    return node.folder / "snapshots"


def _path(node: Node, name: str) -> Path:
    return _folder(node) / f"{name}.json"
