"""Whole nodes as they are run: `hearth run`, web server and worker, and commands beside it."""

import json
import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager, suppress
from types import TracebackType
from typing import Any

import requests
from click.testing import CliRunner

from directory.cli import main
from federation import Node

PATIENCE = 120.0
HEARTH = [sys.executable, "-m", "directory.cli"]


class Running(AbstractContextManager["Running"]):
    """`hearth run` for a node, web server and worker, as a process group of its own."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self._port = node.member.url.rpartition(":")[2]
        self._log = (node.folder / "run.log").open("ab")
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [*HEARTH, "run", "--data-dir", str(self._node.folder), "--port", self._port],
            env=os.environ | {"HEARTH_POLL_S": "1"},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def answers(self) -> bool:
        assert self._process.poll() is None, (self._node.folder / "run.log").read_text()
        with suppress(requests.RequestException):
            return requests.get(f"{self._node.member.url}/log/checkpoint", timeout=5).ok
        return False

    def lives_for(self, seconds: float) -> None:
        """Let it be for so long."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)

    def kill(self) -> None:
        """End all of it at once, as a power cut would."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def stop(self) -> int:
        """Ask it to stop; gives its exit status."""
        self._process.terminate()
        return self._process.wait(PATIENCE)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.kill()
        self._log.close()


def hearth(node: Node, *command: str) -> Any:
    """What a command prints as JSON; it must succeed."""
    ended = CliRunner().invoke(main, [*command, "--json", "--data-dir", str(node.folder)])
    assert ended.exit_code == 0, ended.stderr
    return json.loads(ended.stdout)
