"""Reading a file that somebody sent, in a process of its own with little time and memory.

The file and what was read of it lie in memory alone, and pass between the two processes there.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from directory.statements.importing.lines import Line, Look
from directory.statements.importing.reader import LONGEST_ANSWER
from directory.statements.importing.refusals import LARGEST, Refusal, Refused

_READER = "directory.statements.importing.reader"
_PATIENCE_S = 40


def read_lines(data: bytes) -> list[Line]:
    """What stands in a PDF or DOCX, in order. Raises Refused."""
    if len(data) > LARGEST:
        raise Refused(Refusal.TOO_LARGE)
    with _in_memory(data) as file, _in_memory(b"") as answer:
        try:
            ended = subprocess.run(
                [sys.executable, "-I", "-m", _READER],
                stdin=file,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env={},
                timeout=_PATIENCE_S,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise Refused(Refusal.TOO_MUCH) from None
        size = os.lseek(answer, 0, os.SEEK_END)
        said = os.pread(answer, min(size, LONGEST_ANSWER), 0)
    if ended.returncode or not said:
        raise Refused(Refusal.TOO_MUCH)
    read = json.loads(said)
    if refused := read.get("refused"):
        raise Refused(Refusal(refused))
    return [Line(text, look and Look(look), level) for text, look, level in read["lines"]]


@contextmanager
def _in_memory(data: bytes) -> Iterator[int]:
    file = os.memfd_create("statement", os.MFD_CLOEXEC)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]
        os.lseek(file, 0, os.SEEK_SET)
        yield file
    finally:
        os.close(file)
