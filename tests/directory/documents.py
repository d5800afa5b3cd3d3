"""Documents for tests: made here, with what they should not tell of whoever wrote them."""

import zipfile
from collections.abc import Callable
from io import BytesIO

from docx import Document as Word
from fpdf import FPDF

AUTHOR, TOOL = "Zebedee Quillfeather", "HomeWriter 9"
ADDRESS = "1 Crooked Billet, Leeds, LS1 1AA"


def a_pdf(change: Callable[[FPDF], object] = lambda _: None) -> bytes:
    """A statement of purpose as PDF; its text is not packed, so that a test can look for it."""
    paper = FPDF()
    paper.set_compression(False)
    paper.set_author(AUTHOR)
    paper.set_creator(TOOL)
    paper.set_xmp_metadata(f'<x:xmpmeta xmlns:x="adobe:ns:meta/">{AUTHOR}</x:xmpmeta>')
    paper.add_page()
    paper.set_font("Helvetica", size=11)
    paper.multi_cell(0, 6, f"The home stands at {ADDRESS}.")
    change(paper)
    return bytes(paper.output())


def a_docx() -> bytes:
    """The same as a Word document, with a comment."""
    word = Word()
    word.core_properties.author = AUTHOR
    word.core_properties.keywords = TOOL
    word.add_paragraph(f"The home stands at {ADDRESS}.")
    word.add_comment(word.paragraphs[0].runs[0], "Is that right?", AUTHOR, "ZQ")
    file = BytesIO()
    word.save(file)
    return file.getvalue()


def with_part(data: bytes, name: str, part: bytes) -> bytes:
    """A Word document with another part."""
    file = BytesIO(data)
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part)
    return file.getvalue()


def without_packing(data: bytes) -> bytes:
    """All that stands in a file, unpacked where it is a Word document."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())
