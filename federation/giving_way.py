"""Threads that read ahead give way to the one that hands rows to SQLite.

`sqlite3` lets go of the interpreter's lock at every row, and gets it back only when another thread
that computes has had it for a switch interval, which is long
(https://docs.python.org/3/library/sys.html#sys.setswitchinterval). So a batch of rows takes as long
as all that the others have to compute; and when SQLite then works by itself for a while, on the
full text of the batch, they have nothing left to do beside it.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Nothing but speed rests on it, so nobody waits for ever.
_PATIENCE_S = 1.0
_nobody_hands_rows = threading.Event()
_nobody_hands_rows.set()


@contextmanager
def handing_rows() -> Iterator[None]:
    """While a thread hands rows to SQLite, one by one."""
    _nobody_hands_rows.clear()
    try:
        yield
    finally:
        _nobody_hands_rows.set()


def give_way() -> None:
    """Wait while another thread does."""
    _nobody_hands_rows.wait(_PATIENCE_S)
