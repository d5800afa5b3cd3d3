"""The processes of a demonstration: started together, watched, and stopped whatever happens."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType

import requests

from directory.demo.consortium import LOOPBACK, Site
from directory.errors import DirectoryError

READY_S = 60.0
STOP_S = 15.0
# So many more where many start at the same time.
READY_EACH_S = 10.0
LOG = "node.log"
"""In a node's folder: what its processes say."""


class NodeNotReady(DirectoryError):
    """A node's process ended, or did not answer in time."""


class Processes:
    """`hearth run` for every site, each a process group of its own. A context manager.

    With `only`, one of the two parts of each.
    """

    def __init__(self, sites: Sequence[Site], only: str | None = None) -> None:
        self._only = ["--only", only] if only else []
        self._sites = {site.name: site for site in sites}
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> "Processes":
        for site in self._sites.values():
            command = [sys.executable, "-m", "directory.cli", "run", *self._only]
            command += [
                "--data-dir",
                str(site.folder),
                "--host",
                LOOPBACK,
                "--port",
                str(site.port),
            ]
            with (site.folder / LOG).open("ab") as log:
                self._running[site.name] = subprocess.Popen(
                    command,
                    stdout=log,
                    stderr=log,
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,
                )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def wait_ready(self, path: str = "log/checkpoint") -> None:
        """Until every living node serves its log, or another path. Raises NodeNotReady."""
        deadline = time.monotonic() + READY_S + READY_EACH_S * len(self._sites)
        for name in self.living():
            while not self._serves(name, path):
                if time.monotonic() > deadline:
                    site = self._sites[name]
                    raise NodeNotReady(
                        f"{name} does not answer at {site.url}; see {site.folder / LOG}"
                    )
                time.sleep(0.05)

    def living(self) -> list[str]:
        """Nodes whose process has not ended; what is left of one that has is stopped."""
        for process in self._running.values():
            if process.poll() is not None:
                _signal(process, signal.SIGKILL)
        return [name for name, process in self._running.items() if process.poll() is None]

    def kill(self, name: str) -> None:
        """End a node at once, as a power cut would."""
        _signal(self._running[name], signal.SIGKILL)
        self._running[name].wait()

    def stop(self) -> None:
        """Ask every process to stop, and end those that do not."""
        for process in self._running.values():
            _signal(process, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
            _signal(process, signal.SIGKILL)
            process.wait()

    def _serves(self, name: str, path: str) -> bool:
        if self._running[name].poll() is not None:
            return True  # it will not be among the living
        with suppress(requests.RequestException):
            return requests.get(f"{self._sites[name].url}/{path}", timeout=5).ok
        return False


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    """To the whole group: what a killed parent has left behind, too."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)
