"""Having work on somebody's bytes done in another process (`limits`), and what it answered.

The bytes and the answer lie in memory alone, and pass between the two processes there.
"""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from directory.errors import DirectoryError

_PATIENCE_S = 40


class Fell(DirectoryError):
    """The other process took too long or too much, or fell over what it was given."""


def run_apart(module: str, data: bytes, longest: int) -> bytes:
    """What `python -m module` answers to `data`, of `longest` bytes at most. Raises Fell."""
    return run_program([sys.executable, "-I", "-m", module], data, longest, _PATIENCE_S)


def run_program(program: Sequence[str], data: bytes, longest: int, patience_s: float) -> bytes:
    """As `run_apart`, of any program that limits itself as `limits` does. It gets no environment,
    and the root as its folder. Raises Fell, or OSError where there is no such program.
    """
    with _in_memory(data) as file, _in_memory(b"") as answer:
        try:
            ended = subprocess.run(
                program,
                stdin=file,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env={},
                cwd="/",
                timeout=patience_s,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Fell("The file took longer than a file may.") from None
        size = os.lseek(answer, 0, os.SEEK_END)
        said = os.pread(answer, min(size, longest), 0)
    if ended.returncode or not said:
        raise Fell("The file could not be worked on in the time and memory that one may take.")
    return said


@contextmanager
def _in_memory(data: bytes) -> Iterator[int]:
    file = os.memfd_create("apart", os.MFD_CLOEXEC)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]
        os.lseek(file, 0, os.SEEK_SET)
        yield file
    finally:
        os.close(file)
