"""That a worker is alive, and what keeps it from publishing: for the processes beside it to see.

It lies in a file of the data directory, not in a database: it is written every few seconds, and
says something also when no database can be written. Nothing rests on it.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime

from federation.keystore import write_private
from federation.node import Node

FILE = "worker.alive"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """When a worker was last seen, and why it publishes nothing, in words; empty where it does."""

    at: datetime
    why_not: str


def beat(node: Node, why_not: str) -> None:
    """Say that this worker is alive. Raises OSError where the data directory cannot be written."""
    path, now = node.folder / FILE, node.now().timestamp()
    if not path.exists() or path.read_text("utf-8") != why_not:
        write_private(path, why_not.encode())
    os.utime(path, (now, now))


def last_beat(node: Node) -> Heartbeat | None:
    """When a worker was last alive; None where none ever was."""
    path = node.folder / FILE
    try:
        return Heartbeat(datetime.fromtimestamp(path.stat().st_mtime, UTC), path.read_text("utf-8"))
    except FileNotFoundError:
        return None
