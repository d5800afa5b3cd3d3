"""Files that people upload: they tell of a child, so they stay in memory and reach no disk as they
are.
"""

from io import BytesIO
from typing import IO, Any

from flask import Request

from protocols.attachments import MAX_ATTACHED


class Uploading(Request):
    """A request whose files are held in memory, as much of them as may be attached to a notice and
    a byte more; what is beyond is read and dropped, so that it can be refused in a page.
    """

    def _get_file_stream(self, *_: object, **__: object) -> IO[bytes]:
        """Where the next file goes: the method that Werkzeug has for it."""
        room = self.__dict__.setdefault("room", _Room(MAX_ATTACHED + 1))
        return _Kept(room)


class _Room:
    """How many bytes of all files of a request are still held."""

    def __init__(self, left: int) -> None:
        self.left = left


class _Kept(BytesIO):
    def __init__(self, room: _Room) -> None:
        super().__init__()
        self._room = room

    def write(self, data: Any) -> int:
        part = memoryview(data)
        kept = part[: self._room.left]
        self._room.left -= super().write(kept)
        return len(part)
