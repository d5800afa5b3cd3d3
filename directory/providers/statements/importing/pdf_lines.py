"""The lines of a PDF, through pdfminer.six: text with its size and weight on the page.

Runs in the reader's own process (`reader`). What in a PDF can run or carries another file is
refused (ISO 32000-1, 7.11.4 and 12.6.4); pictures and properties are never read.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby
from typing import Any

from pdfminer.high_level import extract_pages
from pdfminer.layout import LAParams, LTChar, LTTextBox, LTTextLine
from pdfminer.pdfdocument import PDFDocument, PDFEncryptionError, PDFPasswordIncorrect
from pdfminer.pdfparser import PDFParser
from pdfminer.psparser import PSLiteral

from directory.providers.statements.importing.lines import Line, Look, is_capitals, may_be_heading
from directory.providers.statements.importing.refusals import Refusal, Refused

MOST_PAGES = 300
_MOST_OBJECTS = 200_000
_EDGE = 2  # printed lines
_RUN = {"JavaScript", "JS", "Launch", "RichMedia", "XFA", "ImportData", "SubmitForm"}
_CARRY = {"EmbeddedFile", "EmbeddedFiles", "Filespec", "Collection"}
_CONTENTS_LINE = re.compile(r".*(?:\.{3,}|…{1,}|\s{3,})\s*\d{1,3}\Z")
_PAGE_NUMBER = re.compile(r"(?:page )?\d{1,3}(?: (?:of|/) \d{1,3})?", re.IGNORECASE)
_BULLET = re.compile(r"[•▪◦\-–*]\s|\([a-z]\)|[a-z]\)")


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    size: float
    bold: bool
    page: int
    box: int


def pdf_lines(data: bytes) -> Iterator[Line]:
    """What stands in a PDF, in order. Raises Refused, or whatever a damaged one leads to."""
    try:
        _look_through(PDFDocument(PDFParser(BytesIO(data))))
    except (PDFPasswordIncorrect, PDFEncryptionError):
        raise Refused(Refusal.PROTECTED) from None
    pieces = list(_pieces(data))
    pieces = _without_running_heads(pieces)
    sizes = Counter[float]()
    for piece in pieces:
        sizes[piece.size] += len(piece.text)
    if not sizes:
        return
    usual = sizes.most_common(1)[0][0]
    larger = sorted((size for size in sizes if size > usual * 1.08), reverse=True)
    for paragraph in _paragraphs(pieces):
        yield _line(paragraph, larger)


def _look_through(document: PDFDocument) -> None:
    seen = 0
    for xref in document.xrefs:
        for number in xref.get_objids():
            seen += 1
            if seen > _MOST_OBJECTS:
                raise Refused(Refusal.TOO_LARGE)
            held: Any = None
            with suppress(Exception):  # a damaged object says nothing, and runs nothing
                held = document.getobj(number)
            _look_at(getattr(held, "attrs", held), 0)


def _look_at(held: Any, depth: int) -> None:
    if depth > 8:
        return
    if isinstance(held, dict):
        for key, value in held.items():
            name = str(value.name) if isinstance(value, PSLiteral) else ""
            if key in _RUN or (key in ("S", "Type", "Subtype") and name in _RUN):
                raise Refused(Refusal.RUNS)
            if key in _CARRY or (key in ("S", "Type") and name in _CARRY):
                raise Refused(Refusal.NESTED)
            _look_at(value, depth + 1)
    elif isinstance(held, list):
        for value in held:
            _look_at(value, depth + 1)


def _pieces(data: bytes) -> Iterator[_Piece]:
    """Each printed line, from the top of the first page."""
    box_number = 0
    pages = extract_pages(BytesIO(data), maxpages=MOST_PAGES, laparams=LAParams())
    for number, page in enumerate(pages):
        boxes = [box for box in page if isinstance(box, LTTextBox)]
        for box in sorted(boxes, key=lambda one: (-round(one.y1), one.x0)):
            box_number += 1
            for line in box:
                text = " ".join(line.get_text().split())
                if text and not _CONTENTS_LINE.fullmatch(text) and not _PAGE_NUMBER.fullmatch(text):
                    yield _piece(text, line, number, box_number)


def _piece(text: str, line: LTTextLine, page: int, box: int) -> _Piece:
    signs = [one for one in line if isinstance(one, LTChar) and one.get_text().strip()]
    size = Counter(round(one.size * 2) / 2 for one in signs).most_common(1)[0][0] if signs else 0.0
    heavy = sum("bold" in one.fontname.lower() or "black" in one.fontname.lower() for one in signs)
    return _Piece(text, size, bool(signs) and heavy > 0.9 * len(signs), page, box)


def _without_running_heads(pieces: list[_Piece]) -> list[_Piece]:
    """Without what stands at the head or foot of most pages alike, but for its numbers."""
    pages = [list(of_page) for _, of_page in groupby(pieces, lambda one: one.page)]
    edges = [{*page[:_EDGE], *page[-_EDGE:]} for page in pages]
    on = Counter(kind for edge in edges for kind in {_kind(piece) for piece in edge})
    often = max(3, len(pages) // 2)
    return [
        piece
        for page, edge in zip(pages, edges, strict=True)
        for piece in page
        if piece not in edge or on[_kind(piece)] < often
    ]


def _kind(piece: _Piece) -> str:
    return re.sub(r"\d+", "0", piece.text)


def _paragraphs(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """Printed lines that belong together: of one box and one look."""
    held: list[_Piece] = []
    for piece in pieces:
        if held and not _goes_on(held, piece):
            yield held
            held = []
        held.append(piece)
    if held:
        yield held


def _goes_on(held: list[_Piece], piece: _Piece) -> bool:
    last = held[-1]
    alike = (last.size, last.bold) == (piece.size, piece.bold)
    label = len(held) == 1 and is_capitals(last.text) and not is_capitals(piece.text)
    return alike and last.box == piece.box and not label and not _BULLET.match(piece.text)


def _line(paragraph: list[_Piece], larger: list[float]) -> Line:
    text = paragraph[0].text
    for piece in paragraph[1:]:
        text = text[:-1] + piece.text if _is_broken(text, piece.text) else f"{text} {piece.text}"
    first = paragraph[0]
    if not may_be_heading(text):
        return Line(text)
    if first.size in larger:
        return Line(text, Look.SIZE, larger.index(first.size) + 1)
    if first.bold:
        return Line(text, Look.BOLD)
    return Line(text, Look.CAPITALS) if is_capitals(text) else Line(text)


def _is_broken(text: str, after: str) -> bool:
    return text.endswith("-") and len(text) > 1 and text[-2].islower() and after[:1].islower()
