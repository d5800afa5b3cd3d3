"""The rows of a workbook's sheets, one at a time: XLSX through openpyxl, ODS from its XML.

No library reads ODS without building the whole document, and one that repeats a cell a million
times then takes all memory; so its rows are taken from the XML as they come (OpenDocument 1.3,
part 3, section 9.1). Every cell comes as the text that the same list has as CSV: whole numbers
without a point, days as 2020-06-25. A formula comes as what it last yielded.
"""

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from typing import IO, TypeAlias
from xml.etree.ElementTree import Element, ParseError, iterparse

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from directory.records.ofsted.archive import damaged, look_through

MOST_COLUMNS = 200  # Ofsted's widest list has 51
_ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
# What openpyxl and the XML parser raise for a file that is not what it says.
_BROKEN = (
    *(ValueError, LookupError, TypeError, AttributeError, OSError, EOFError, RecursionError),
    *(NotImplementedError, RuntimeError, ParseError, InvalidFileException),
    *(zipfile.BadZipFile, zlib.error),
)

Rows: TypeAlias = Iterator[tuple[int, list[str]]]


def is_workbook(start: bytes) -> bool:
    """Whether a file that begins so is a workbook of any kind: a ZIP archive, or Excel's old kind,
    in which protected ones are wrapped too.
    """
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0"))


class Workbook:
    """A workbook that was looked through. Its sheets may be read more than once."""

    def __init__(self, path: Path, name: str) -> None:
        look_through(path, name)
        self._path, self._name = path, name
        with _readable(name), zipfile.ZipFile(path) as archive:
            kind = archive.read("mimetype") if "mimetype" in archive.namelist() else b""
        self._is_ods = kind.strip().startswith(_ODS)

    def starts(self, rows: int) -> list[tuple[str, list[tuple[int, list[str]]]]]:
        """Each sheet's name and its first rows, with their numbers from 1."""
        with _readable(self._name):
            return [(sheet, list(islice(of, rows))) for sheet, of in self._sheets()]

    def rows(self, place: int) -> Rows:
        """The rows of the sheet at this place, from 0, that are not blank, with their numbers."""
        with _readable(self._name):
            for at, (_sheet, rows) in enumerate(self._sheets()):
                if at == place:
                    yield from rows
                    return

    def _sheets(self) -> Iterator[tuple[str, Rows]]:
        return _ods_sheets(self._path) if self._is_ods else _xlsx_sheets(self._path)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN as error:
        raise damaged(name) from error


def _xlsx_sheets(path: Path) -> Iterator[tuple[str, Rows]]:
    with path.open("rb") as file:  # opened here, because openpyxl judges a path by its ending
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, on styles that it does not know
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets:
            sheet.reset_dimensions()  # what the file declares may be wrong
            rows = sheet.iter_rows(max_col=MOST_COLUMNS, values_only=True)
            yield sheet.title, _not_blank([_written(one) for one in row] for row in rows)
        book.close()


def _not_blank(rows: Iterator[list[str]]) -> Rows:
    for number, cells in enumerate(rows, start=1):
        if any(cell.strip() for cell in cells):
            yield number, cells


def _written(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).upper()
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _ods_sheets(path: Path) -> Iterator[tuple[str, Rows]]:
    with zipfile.ZipFile(path) as archive, archive.open("content.xml") as content:
        events = _OdsEvents(content)
        while (sheet := events.next_sheet()) is not None:
            yield sheet, events.rows()


class _OdsEvents:
    """The sheets of an ODS in their order, and the rows of the one that was asked for last."""

    def __init__(self, content: IO[bytes]) -> None:
        # The archive has no document type definitions: it was looked through.
        self._events = iterparse(content, events=("start", "end"))  # noqa: S314
        self._open: list[Element] = []

    def next_sheet(self) -> str | None:
        """The name of the next sheet; None when there is no more."""
        while (event := self._next()) is not None:
            if event[0] == "start" and event[1].tag == f"{_TABLE}table" and self._depth() == 1:
                return event[1].get(f"{_TABLE}name", "")
        return None

    def rows(self) -> Rows:
        """The rows that are not blank, to the end of the sheet."""
        number = 0
        while (event := self._next()) is not None:
            kind, element = event
            if kind == "end" and element.tag == f"{_TABLE}table" and self._depth() == 0:
                return
            if kind == "end" and element.tag == f"{_TABLE}table-row" and self._depth() == 1:
                times = _repeated(element, "rows")
                cells = _ods_cells(element)
                if any(cell.strip() for cell in cells):
                    yield from ((number + at, cells) for at in range(1, times + 1))
                number += times

    def _depth(self) -> int:
        """How many tables are open: a table may stand in another's cell."""
        return sum(element.tag == f"{_TABLE}table" for element in self._open)

    def _next(self) -> tuple[str, Element] | None:
        for kind, element in self._events:
            if kind == "start":
                self._open.append(element)
            else:
                self._open.pop()
                if self._open and element.tag in (f"{_TABLE}table-row", f"{_TABLE}table"):
                    self._open[-1].remove(element)  # nobody needs it any more
            return kind, element
        return None


def _ods_cells(row: Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if cell.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            times = min(_repeated(cell, "columns"), MOST_COLUMNS - len(cells))
            cells += [_ods_value(cell)] * times
    return cells


def _repeated(element: Element, what: str) -> int:
    return max(1, int(element.get(f"{_TABLE}number-{what}-repeated", "1")))


def _ods_value(cell: Element) -> str:
    match cell.get(f"{_OFFICE}value-type"):
        case "float":
            return _written(float(cell.get(f"{_OFFICE}value", "")))
        case "date":
            return cell.get(f"{_OFFICE}date-value", "").removesuffix("T00:00:00")
        case _:
            return "\n".join(_ods_text(part) for part in cell if part.tag == f"{_TEXT}p")


def _ods_text(part: Element) -> str:
    """The text of a paragraph, in which runs of spaces, tabs and breaks are elements."""
    text = part.text or ""
    for child in part:
        if child.tag == f"{_TEXT}s":
            text += " " * min(int(child.get(f"{_TEXT}c", "1")), 100)
        elif child.tag in (f"{_TEXT}line-break", f"{_TEXT}tab"):
            text += "\n"
        elif child.tag != f"{_OFFICE}annotation":
            text += _ods_text(child)
        text += child.tail or ""
    return text
