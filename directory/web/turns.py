"""Turns at what is the processor's work alone: of several at once none would be sooner."""

from threading import Condition
from types import TracebackType


class Turns:
    """Lets one thread through at a time, in the order in which they came; a context manager.

    `threading.Lock` lets in whoever is quickest, so that now and then one waits for many.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._given = self._over = 0

    def __enter__(self) -> None:
        with self._changed:
            mine = self._given
            self._given += 1
            self._changed.wait_for(lambda: self._over == mine)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._over += 1
            self._changed.notify_all()
