"""Whether a PDF is one that only shows something (ISO 32000-2).

Dictionaries are looked at as they stand, and within object streams; the content of other streams
is what is shown, and is skipped. This finds what a reader would act upon in any file that a tool
has written. It is no proof about a file that was made by hand to mislead it, which is why what is
downloaded is never shown by the browser.
"""

import re
import zlib
from collections.abc import Iterator
from typing import TypeAlias

from directory.intake.attachments.errors import BringsInstructions, NotLookedInto

Content: TypeAlias = bytes | bytearray | memoryview

START = re.compile(rb"%PDF-[12]\.[0-9]")
_STREAM = re.compile(rb"\bstream\r?\n")
_END = re.compile(rb"endstream\b")
_NAME = rb"/(%s)(?![A-Za-z0-9_])"
_ACTS = re.compile(
    _NAME % rb"JavaScript|JS|Launch|EmbeddedFiles?|RichMedia|XFA|ImportData|SubmitForm|GoToE"
)
_PROTECTED = re.compile(_NAME % b"Encrypt")
_OBJECTS = re.compile(_NAME % b"ObjStm")
_ESCAPED_NAME = re.compile(rb"/[^\s/<>\[\](){}%]*#[^\s/<>\[\](){}%]*")
_ESCAPE = re.compile(rb"#([0-9A-Fa-f]{2})")
# More than this much of a dictionary before its stream is no tool's.
_DICTIONARY = 4096
_MOST_OBJECTS = 16 * 1024 * 1024


def look_into_pdf(content: Content) -> None:
    """Raise BringsInstructions or NotLookedInto unless the PDF only shows something."""
    left = _MOST_OBJECTS
    for said, stream in _parts(content):
        _look(said)
        if stream is not None and _OBJECTS.search(said[-_DICTIONARY:]):
            objects = _unpacked(stream, left)
            left -= len(objects)
            _look(objects)


def _parts(content: Content) -> Iterator[tuple[bytes, bytes | memoryview | None]]:
    """What stands before each stream, and the stream; after the last one, None."""
    view, at = memoryview(content), 0
    while begins := _STREAM.search(view, at):
        ends = _END.search(view, begins.end())
        if ends is None:
            break
        yield bytes(view[at : begins.start()]), view[begins.end() : ends.start()]
        at = ends.end()
    yield bytes(view[at:]), None


def _look(said: bytes) -> None:
    said = _ESCAPED_NAME.sub(_plain, said)
    if _PROTECTED.search(said):
        raise NotLookedInto("is protected with a password. Save it without one, and attach that")
    if _ACTS.search(said):
        raise BringsInstructions(
            "holds a script, a form that sends or another file. Print it to a new PDF, and attach "
            "that"
        )


def _plain(name: re.Match[bytes]) -> bytes:
    return _ESCAPE.sub(lambda one: bytes.fromhex(one[1].decode()), name[0])


def _unpacked(stream: bytes | memoryview, most: int) -> bytes:
    try:
        unpacked = zlib.decompressobj().decompress(stream, most + 1)
    except zlib.error:
        unpacked = b""
    if not unpacked or len(unpacked) > most:
        raise NotLookedInto("could not be looked into. Print it to a new PDF, and attach that")
    return unpacked
