"""A list that has been read to its end and waits on disk, so that no database waits for a file.

Reading half a million rows takes a minute or two; whoever holds the database's write lock meanwhile
keeps everybody else from saving. The spool is a file without a name, gone when it is closed.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import islice
from tempfile import TemporaryFile
from typing import IO

import msgspec

from directory.records.ofsted.reading import Reading
from directory.records.ofsted.registrations import Problem, Registration

_BATCH = 500  # registrations
_LENGTH = 4  # bytes before each batch


class Spooled:
    """A `Listed` whose registrations can be gone through more than once."""

    def __init__(self, file: IO[bytes], listed: Reading) -> None:
        """Reads the list to its end. Raises UnreadableList."""
        self._file = file
        encoder, waiting = msgspec.msgpack.Encoder(), listed.registrations
        while batch := list(islice(waiting, _BATCH)):
            packed = encoder.encode(batch)
            file.write(len(packed).to_bytes(_LENGTH) + packed)
        self.as_at: date | None = listed.as_at
        self.problems: Sequence[Problem] = listed.problems
        self.read: int = listed.read
        self.urns: Collection[str] | None = listed.urns
        self.silent: frozenset[str] = listed.silent
        self.sha256: str = listed.sha256

    @property
    def registrations(self) -> Iterator[Registration]:
        """Those of the rows that can be used, from the first."""
        decoder = msgspec.msgpack.Decoder(list[Registration])
        self._file.seek(0)
        while length := self._file.read(_LENGTH):
            yield from decoder.decode(self._file.read(int.from_bytes(length)))


@contextmanager
def spooled(listed: Reading) -> Iterator[Spooled]:
    """The list, read to its end and kept on disk as long as this lasts. Raises UnreadableList."""
    with TemporaryFile() as file:
        yield Spooled(file, listed)
