"""Ofsted's provider-level list, from a file to registrations.

The file is taken as hostile: its size, lines, rows and reported problems have ceilings, and what
is not a list at all is refused as a whole before anything is kept. Ofsted publishes a workbook;
the sheet "Provider level" saved as "CSV UTF-8" is what is read here.
"""

import csv
import hashlib
import io
from collections.abc import Iterator
from pathlib import Path

from directory.ofsted.cells import Row
from directory.ofsted.errors import UnreadableList
from directory.ofsted.heading import Heading, day_of_list, recognise
from directory.ofsted.registrations import OfstedList, Problem, Registration
from directory.ofsted.rows import read_row

MOST_BYTES = 20_000_000  # eleven times the list of 2025
MOST_ROWS = 100_000
MOST_PROBLEMS = 10_000
LONGEST_LINE = 20_000  # characters
_HEADER_WITHIN = 50  # rows
_SAVE_AS = "Open Ofsted's list, save the sheet “Provider level” as “CSV UTF-8”, and import that."


def read_list(path: Path) -> OfstedList:
    """The list in this file. Rows that cannot be used are in `problems`, the others are kept.

    Raises UnreadableList when the file is not such a list, or no row of it can be used.
    """
    data = _data(path)
    rows = _rows(_text(data))
    banner, heading = _heading(rows)
    seen: dict[str, int] = {}
    registrations: list[Registration] = []
    problems: list[Problem] = []
    read = 0
    for line, cells in rows:
        read += 1
        row = Row(heading, cells, line)
        if registration := read_row(row, seen):
            registrations.append(registration)
        problems += row.problems
        if read > MOST_ROWS:
            raise UnreadableList(
                f"The file has more than {MOST_ROWS:,} rows, which no list of Ofsted's comes near. "
                f"{_SAVE_AS}"
            )
        if len(problems) > MOST_PROBLEMS:
            break
    if not registrations or len(problems) > MOST_PROBLEMS:
        raise UnreadableList(
            "The file has the header of Ofsted's list, but hardly a row of it can be used. "
            f"{_first(problems)}{_SAVE_AS}"
        )
    return OfstedList(
        as_at=day_of_list(banner),
        registrations=registrations,
        problems=problems,
        read=read,
        urns=frozenset(seen) if len(seen) == read else None,
        sha256=hashlib.sha256(data).hexdigest(),
    )


def _first(problems: list[Problem]) -> str:
    if not problems:
        return ""
    first = problems[0]
    return f"The first problem, on line {first.line} in “{first.column}”: {first.reason} "


def _data(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise UnreadableList(f"{path.name} is not a file. Name the list that you saved.")
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadableList(
            f"{path.name} cannot be opened: {error.strerror}. Check that it may be read."
        ) from error
    if len(data) > MOST_BYTES:
        size = MOST_BYTES // 1_000_000
        raise UnreadableList(
            f"The file is larger than {size} MB, so it is no such list. {_SAVE_AS}"
        )
    if not data.strip():
        raise UnreadableList(f"The file is empty. {_SAVE_AS}")
    return data


def _text(data: bytes) -> str:
    if data.startswith(b"PK\x03\x04"):
        raise UnreadableList(f"The file is a workbook, not CSV. {_SAVE_AS}")
    if b"\0" in data:
        raise UnreadableList(f"The file contains NUL bytes, so it is not CSV UTF-8. {_SAVE_AS}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableList(
            f"The file is not UTF-8: line {line} has a byte that cannot be read. Reading it in "
            f"another encoding would change names without a sign. {_SAVE_AS}"
        ) from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line of the file on which it begins, from 1."""
    reader = csv.reader(_lines(text), strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise UnreadableList(
                f"The file is not CSV: the row that begins on line {line} cannot be told apart "
                f"from the next ({error}). Look there for a quotation mark too many, or for "
                f"anything but commas between the cells. {_SAVE_AS}"
            ) from error
        if any(cell.strip() for cell in cells):
            yield line, cells


def _lines(text: str) -> Iterator[str]:
    for number, line in enumerate(io.StringIO(text, newline=""), start=1):
        if len(line) > LONGEST_LINE:
            raise UnreadableList(
                f"Line {number} is longer than {LONGEST_LINE:,} characters, so the file is no "
                f"such list. {_SAVE_AS}"
            )
        yield line


def _heading(rows: Iterator[tuple[int, list[str]]]) -> tuple[list[str], Heading]:
    banner: list[str] = []
    for _, (_line, cells) in zip(range(_HEADER_WITHIN), rows, strict=False):
        if heading := recognise(cells):
            return banner, heading
        banner += cells
    raise UnreadableList(
        f"None of the first {_HEADER_WITHIN} rows holds the headings of Ofsted's list, such as "
        f"“URN”, “Provision type” and “Local authority”. {_SAVE_AS}"
    )
