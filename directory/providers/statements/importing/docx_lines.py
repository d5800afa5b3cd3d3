"""The lines of a Word document, through python-docx, after its archive was looked through.

Runs in the reader's own process (`reader`). A DOCX is a ZIP archive of XML (ECMA-376). What in it
can run, or is an archive itself, is refused; pictures, comments and properties are never read.
"""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from docx import Document
from docx.document import Document as Word
from docx.table import Table, _Cell, _Row
from docx.text.paragraph import Paragraph

from directory.providers.statements.importing.lines import Line, Look, is_capitals, may_be_heading
from directory.providers.statements.importing.refusals import Refusal, Refused

_MOST_UNPACKED = 150_000_000
_MOST_OF_TEXT = 20_000_000
_MOST_PARTS = 2_000
_DEEPEST = 5
_RUNS = re.compile(r"vba|activex|macro|\.js$|\.vbs$|\.exe$|customui", re.IGNORECASE)
_ARCHIVES = re.compile(
    r"embeddings/|\.(?:zip|docx|docm|xlsx|xlsm|pptx|odt|jar|7z|rar|gz|tar|bin)$", re.IGNORECASE
)
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)
_CONTENTS = re.compile(r"toc|table of|contents|header|footer", re.IGNORECASE)


def docx_lines(data: bytes) -> Iterator[Line]:
    """What stands in a document, in order. Raises Refused, or whatever a damaged one leads to."""
    _look_through(data)
    yield from _inside(Document(BytesIO(data)), 0)


def _look_through(data: bytes) -> None:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if "word/document.xml" not in names:
            raise Refused(Refusal.NOT_WHAT_IT_SAYS)
        if any(part.flag_bits & 1 for part in parts):
            raise Refused(Refusal.PROTECTED)
        if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
            raise Refused(Refusal.TOO_LARGE)
        if any(_RUNS.search(name) for name in names):
            raise Refused(Refusal.RUNS)
        if any(_ARCHIVES.search(name) for name in names):
            raise Refused(Refusal.NESTED)
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                if part.file_size > _MOST_OF_TEXT:
                    raise Refused(Refusal.TOO_LARGE)
                _look_at_xml(archive.read(part))


def _look_at_xml(text: bytes) -> None:
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or text.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused(Refusal.NOT_WHAT_IT_SAYS)
    if b"macroEnabled" in text or b"vbaProject" in text:
        raise Refused(Refusal.RUNS)


def _inside(part: Word | _Cell, depth: int) -> Iterator[Line]:
    for block in part.iter_inner_content():
        if isinstance(block, Paragraph):
            yield from _paragraph(block)
        elif depth < _DEEPEST:
            yield from _table(block, depth + 1)


def _paragraph(block: Paragraph) -> Iterator[Line]:
    text = " ".join(block.text.split())
    style = (block.style.name or "") if block.style else ""
    if not text or _CONTENTS.match(style):
        return
    if not may_be_heading(text):
        yield Line(text)
    elif found := _HEADING.fullmatch(style):
        yield Line(text, Look.STYLE, int(found[1]))
    elif style in ("Title", "Subtitle"):
        yield Line(text, Look.STYLE, 1)
    elif _is_bold(block):
        yield Line(text, Look.BOLD)
    elif is_capitals(text):
        yield Line(text, Look.CAPITALS)
    else:
        yield Line(text)


def _is_bold(block: Paragraph) -> bool:
    runs = [run for run in block.runs if run.text.strip()]
    of_style = bool(block.style and block.style.font.bold)
    return bool(runs) and all(of_style if run.bold is None else run.bold for run in runs)


def _table(table: Table, depth: int) -> Iterator[Line]:
    for row in table.rows:
        yield from _row(row, depth)


def _row(row: _Row, depth: int) -> Iterator[Line]:
    """Where a row's first words are a label of what stands beside them, they are a heading."""
    cells: list[_Cell] = []
    for cell in row.cells:  # a merged cell comes once for each column that it spans
        if all(cell._tc is not other._tc for other in cells) and cell.text.strip():
            cells.append(cell)
    while len(cells) > 2 and re.fullmatch(r"[\s0-9().a-z]{1,6}", cells[0].text):
        del cells[0]  # a number before the label
    label = " ".join(cells[0].text.split()) if cells else ""
    if len(cells) > 1 and may_be_heading(label):
        yield Line(label, Look.CELL)
        del cells[0]
    for cell in cells:
        yield from _inside(cell, depth)
