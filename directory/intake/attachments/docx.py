"""Whether a Word document is one that only shows something (ISO/IEC 29500, as DOCX).

Its parts are text, pictures and fonts: a macro, a program or another document in it is refused, and
so is one that fetches something from elsewhere when it is opened. Links that a person follows may
stand in it.
"""

import zipfile
import zlib
from typing import IO
from xml.etree.ElementTree import ParseError, fromstring

from directory.intake.attachments.errors import BringsInstructions, NotLookedInto, UnknownKind

START = b"PK\x03\x04"
_TYPES = "[Content_Types].xml"
_DOCUMENT = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_SHOWN = (
    *(".xml", ".rels", ".png", ".jpg", ".jpeg", ".gif", ".bmp", ".tif", ".tiff", ".emf", ".wmf"),
    *(".svg", ".odttf", ".ttf"),
)
_ENTRY = b"PK\x01\x02"
_MOST_PARTS = 2_000
_MOST_SAID = 1024 * 1024
# What is damaged, packed in another way, or encrypted.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, ParseError, EOFError, OSError),
    *(ValueError, LookupError, NotImplementedError, RuntimeError),
)
_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"


def look_into_docx(content: IO[bytes]) -> None:
    """Raise UnknownKind, BringsInstructions or NotLookedInto unless it is such a document."""
    content.seek(0)
    if content.read().count(_ENTRY) > _MOST_PARTS:  # before a list is made of as many
        raise _damaged()
    try:
        with zipfile.ZipFile(content) as archive:
            _look(archive)
    except _BROKEN as error:
        raise _damaged() from error


def _look(archive: zipfile.ZipFile) -> None:
    names = archive.namelist()
    if _TYPES not in names:
        raise UnknownKind("is a ZIP archive, and no Word document")
    types = _said(archive, _TYPES)
    if b"macroEnabled" in types:
        raise _acts()
    if _DOCUMENT not in types:
        raise UnknownKind(
            "is no Word document, or one of another kind. Save it as .docx or PDF, and attach that"
        )
    for name in names:
        if not name.endswith("/") and not name.lower().endswith(_SHOWN):
            raise _acts()
        if name.lower().endswith(".rels"):
            _look_where_it_leads(_said(archive, name))


def _look_where_it_leads(relationships: bytes) -> None:
    for one in fromstring(relationships).iter(_RELATIONSHIP):  # noqa: S314 - no DTD
        external = one.get("TargetMode", "").lower() == "external"
        if external and not one.get("Type", "").endswith("/hyperlink"):
            raise _acts()


def _said(archive: zipfile.ZipFile, name: str) -> bytes:
    """A part that says how others are to be read."""
    with archive.open(name) as part:
        said = part.read(_MOST_SAID + 1)
    if len(said) > _MOST_SAID or b"<!" in said or not said.lstrip(b"\xef\xbb\xbf").startswith(b"<"):
        raise _damaged()  # no tool writes declarations of types, or another encoding, there
    return said


def _acts() -> BringsInstructions:
    return BringsInstructions(
        "holds macros or other files, or fetches something when it is opened. Save it as PDF, and "
        "attach that"
    )


def _damaged() -> NotLookedInto:
    return NotLookedInto(
        "is damaged, or protected with a password. Open it, save it anew without one, and attach "
        "that"
    )
