"""The worker of a node, until it is told to stop."""

import signal
import threading
from pathlib import Path

from directory.nodes import opened
from federation import Worker


def work(data_dir: Path, poll_s: float) -> None:
    """Publish, deliver and follow until SIGTERM or SIGINT; what is under way is finished."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with opened(data_dir) as node:
        Worker(node, poll_s=poll_s).run(stop)
