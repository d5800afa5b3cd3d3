"""That the members have said how far our log was signed, since this machine was last started.

A node that was set back to an older state, keys and all, cannot know it: nothing that lies with it
tells. But a machine is started, or woken, to run such a state. So what one process has asked counts
for those after it until the machine starts again.

The note lies in the data directory, apart from the keys: a key backup does not bring it along.
"""

import time
from pathlib import Path

from federation.keystore import write_private
from federation.node import Node

FILE = "vouched-for"
TOLERANCE_S = 60
"""By how much a clock may have been set. One that was set by more costs no more than asking again.
"""


def is_vouched_for(node: Node) -> bool:
    """Whether a process has asked enough members since this machine was started."""
    started, path = _machine_started(), node.folder / FILE
    if started is None or not path.exists():
        return False
    noted = path.read_text("utf-8", errors="replace").strip()
    return noted.isdecimal() and abs(int(noted) - started) <= TOLERANCE_S


def note_vouched_for(node: Node) -> None:
    """Enough members have said what they hold of our log, or nobody can hold any of it."""
    started = _machine_started()
    if started is not None and not is_vouched_for(node):
        write_private(node.folder / FILE, f"{started}\n".encode())


def forget_vouched_for(folder: Path) -> None:
    """What lies in a data directory is another state now: the members are to be asked again."""
    (folder / FILE).unlink(missing_ok=True)


def _machine_started() -> int | None:
    """When this machine was started, in seconds since 1970; None where the system does not say.

    Unlike the other names of a start it is to be had in a service that sees no more of /proc than
    its own processes.
    """
    try:
        return int(time.time() - time.clock_gettime(time.CLOCK_BOOTTIME))
    except (AttributeError, OSError):
        return None
