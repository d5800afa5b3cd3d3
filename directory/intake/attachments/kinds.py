"""What kind a file is, by what is in it; its name and what the browser says are not asked."""

from io import SEEK_END
from typing import IO

from directory.intake.attachments.docx import START as ZIP
from directory.intake.attachments.docx import look_into_docx
from directory.intake.attachments.errors import UnknownKind
from directory.intake.attachments.pdf import START as PDF
from directory.intake.attachments.pdf import look_into_pdf
from protocols.attachments import MediaType

_JPEG = b"\xff\xd8\xff"
_PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
_OLD_WORD = b"\xd0\xcf\x11\xe0"
_PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe")
TAKEN = "a PDF, a Word document (.docx), a JPEG or a PNG"


def kind_of(content: IO[bytes]) -> MediaType:
    """The kind of a file that can be read anywhere; it stands at its beginning afterwards.

    Raises UnknownKind, BringsInstructions or NotLookedInto.
    """
    content.seek(0)
    start = content.read(16)
    kind: MediaType
    if start.startswith(_JPEG):
        kind = "image/jpeg"
    elif start == _PNG:
        kind = "image/png"
    elif PDF.match(start):
        content.seek(0)
        look_into_pdf(content.read())
        kind = "application/pdf"
    elif start.startswith(ZIP):
        look_into_docx(content)
        kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    elif start.startswith(_OLD_WORD):
        raise UnknownKind(
            "is of the old kind of Word (.doc), or protected with a password. Save it as .docx or "
            "PDF, and attach that"
        )
    elif start.startswith(_PROGRAMS):
        raise UnknownKind(f"is a program. Attach {TAKEN}")
    else:
        raise UnknownKind(f"is none of the kinds that can be attached. Attach {TAKEN}")
    content.seek(0)
    return kind


def size_of(content: IO[bytes]) -> int:
    """How many bytes a file has; it stands at its beginning afterwards."""
    size = content.seek(0, SEEK_END)
    content.seek(0)
    return size
