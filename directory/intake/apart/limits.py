"""The other process: it limits itself before it looks at a byte, and answers once.

A file that makes it fall takes nothing with it.
"""

import contextlib
import os
import resource
import sys
import warnings
from collections.abc import Callable

MEMORY = 1 << 30  # bytes
SECONDS = 25  # of the processor's time


def answer_once(work: Callable[[bytes], bytes], longest: int) -> None:
    """Write what `work` makes of standard input, of `longest` bytes at most. What it raises ends
    the process, and says nothing of what was read.
    """
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (longest, longest))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    with os.fdopen(os.dup(1), "wb") as answer, contextlib.redirect_stdout(sys.stderr):
        answer.write(work(sys.stdin.buffer.read()))
