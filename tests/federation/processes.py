"""Real processes that can be killed: forked from one that has everything loaded, so at once."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import Any

PATIENCE_S = 30.0

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(["pytest", "tests.federation.worlds", "tests.federation.mortal"])


class Doing(AbstractContextManager["Doing"]):
    """A process that does `deed(*how)`. It says when it begins."""

    def __init__(self, deed: Callable[..., object], *how: object) -> None:
        ours, theirs = _forking.Pipe(duplex=False)
        self._process: BaseProcess = _forking.Process(target=_do, args=(theirs, deed, how))
        self._process.start()
        theirs.close()
        with ours:
            if not ours.poll(PATIENCE_S):
                raise TimeoutError("the process did not begin")
            ours.recv()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        assert self._process.pid is not None
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.join()

    def ended_within(self, seconds: float) -> bool:
        """Wait so long at most; whether it has ended by itself."""
        self._process.join(seconds)
        return self._process.exitcode is not None

    @property
    def exitcode(self) -> int | None:
        """None while it runs; a negative signal where one has ended it."""
        return self._process.exitcode

    def ended_well(self) -> None:
        """Wait until it ends, with no error."""
        assert self.ended_within(PATIENCE_S)
        assert self._process.exitcode == 0

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()


def _do(begun: Connection, deed: Callable[..., object], how: tuple[Any, ...]) -> None:
    begun.send("begun")
    begun.close()
    deed(*how)


def until(
    come_true: Callable[[], object], patience: float = PATIENCE_S, every: float = 0.01
) -> None:
    """Look again and again until something has come true; fails when patience ends."""
    deadline = time.monotonic() + patience
    while not come_true():
        if time.monotonic() > deadline:
            raise AssertionError("it has not come true")
        time.sleep(every)
