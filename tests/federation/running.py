"""Whole nodes as they are run: `hearth run`, web server and worker, and commands beside it."""

import json
import os
import signal
import subprocess
import sys
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
from click.testing import CliRunner

from directory.cli import main
from federation import Node

PATIENCE = 120.0
HEARTH = [sys.executable, "-m", "directory.cli"]


class RunningFolder(AbstractContextManager["RunningFolder"]):
    """`hearth run` for a node's folder, web server and worker, as a process group of its own.

    The software is what is tested here, or else that in the source tree `tree`.
    """

    def __init__(self, folder: Path, url: str, tree: Path | None = None) -> None:
        self._folder, self._url, self._tree = folder, url, tree
        self._log = (folder / "run.log").open("ab")
        self.start()

    def start(self) -> None:
        port = self._url.rpartition(":")[2]
        self._process = subprocess.Popen(
            [*HEARTH, "run", "--data-dir", str(self._folder), "--port", port],
            cwd=self._tree,
            env=software(self._tree) | {"HEARTH_POLL_S": "1"},
            stdout=self._log,
            stderr=self._log,
            start_new_session=True,
        )

    def answers(self) -> bool:
        assert self._process.poll() is None, (self._folder / "run.log").read_text()
        with suppress(requests.RequestException):
            return requests.get(f"{self._url}/log/checkpoint", timeout=5).ok
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


class Running(RunningFolder):
    """The same for an open node."""

    def __init__(self, node: Node) -> None:
        super().__init__(node.folder, node.member.url)


def software(tree: Path | None) -> dict[str, str]:
    """The environment in which Python finds the project in `tree` before any other."""
    inherited = os.environ.get("PYTHONPATH", "")
    return os.environ | ({"PYTHONPATH": os.pathsep.join([str(tree), inherited])} if tree else {})


def hearth(node: Node, *command: str) -> Any:
    """What a command prints as JSON; it must succeed."""
    ended = CliRunner().invoke(main, [*command, "--json", "--data-dir", str(node.folder)])
    assert ended.exit_code == 0, ended.stderr
    return json.loads(ended.stdout)
