"""The rows of a spreadsheet that somebody chose: CSV, XLSX or ODS, its first sheet.

It may tell of children, so it stays in memory and is not kept. A workbook is read by another
process (`reader`), which limits itself first. Formulas and macros are never run.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from msgspec import Struct
from msgspec.json import Decoder

from directory.apart.running import Fell, run_apart
from directory.ofsted.workbooks import is_workbook
from directory.sheets.errors import UnreadableSheet
from directory.sheets.reader import LONGEST_ANSWER, MOST_ROWS

MOST_BYTES = 10_000_000
MOST_COLUMNS = 200
_LONGEST_CELL = 60_000
_SAVE_AS = "Save the list as CSV UTF-8 or as a workbook (.xlsx or .ods), and choose that"


class _Answer(Struct):
    rows: list[list[str]] | None = None


_ANSWER = Decoder(_Answer)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A spreadsheet: its headings, each of them once, and its rows, as wide, with their numbers as
    a spreadsheet counts them.
    """

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]


def read_sheet(data: bytes) -> Sheet:
    """The rows of a file, below its first that is not blank. Raises UnreadableSheet."""
    if len(data) > MOST_BYTES:
        raise UnreadableSheet(f"The file is larger than {MOST_BYTES // 1_000_000} MB. {_SAVE_AS}")
    rows = [
        (number, [cell.strip()[:_LONGEST_CELL] for cell in cells[:MOST_COLUMNS]])
        for number, cells in enumerate(_rows(data), start=1)
        if any(cell.strip() for cell in cells)
    ]
    if len(rows) < 2:
        raise UnreadableSheet(f"The file has no row below its headings. {_SAVE_AS}")
    if len(rows) > MOST_ROWS + 1:
        raise UnreadableSheet(f"The file has more than {MOST_ROWS:,} rows. Divide it")
    headings = _once(rows[0][1])
    width = len(headings)
    return Sheet(
        headings,
        tuple((number, tuple([*cells, *[""] * width][:width])) for number, cells in rows[1:]),
    )


def _once(cells: list[str]) -> tuple[str, ...]:
    """Headings that tell columns apart: an empty one has its letter, a second one a number."""
    found: list[str] = []
    for place, cell in enumerate(cells):
        called = " ".join(cell.split())[:100] or f"Column {place + 1}"
        times = 1
        while (name := called if times == 1 else f"{called} ({times})") in found:
            times += 1
        found.append(name)
    return tuple(found)


def _rows(data: bytes) -> Iterator[list[str]]:
    if is_workbook(data[:8]):
        yield from _workbook_rows(data)
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise UnreadableSheet(f"This is neither CSV nor a workbook. {_SAVE_AS}")
    comma = "," if text.partition("\n")[0].count(",") >= text.partition("\n")[0].count(";") else ";"
    try:
        for count, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=comma)):
            if count > MOST_ROWS * 2:
                raise UnreadableSheet(f"The file has more than {MOST_ROWS:,} rows. Divide it")
            yield row
    except csv.Error:
        raise UnreadableSheet(f"The file is not CSV. {_SAVE_AS}") from None


def _workbook_rows(data: bytes) -> list[list[str]]:
    try:
        answer = _ANSWER.decode(run_apart("directory.sheets.reader", data, LONGEST_ANSWER))
    except (Fell, ValueError):
        answer = _Answer()
    if answer.rows is None:
        raise UnreadableSheet(
            f"This workbook cannot be read: it is damaged, protected or too large. {_SAVE_AS}"
        )
    return answer.rows
