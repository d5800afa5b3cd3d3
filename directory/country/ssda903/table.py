"""The rows of a table of the return, one at a time, from the bytes of a CSV file.

Files come from case systems and spreadsheets: with or without a byte order mark, with further
columns, with blank rows, with the columns in any order. Cells that are read hold letters without
accents, figures and dates, so bytes that are not UTF-8 matter only where they stand in one of
those: they stay as surrogates, which no check lets pass.
"""

import csv
from collections.abc import Collection, Iterator
from typing import IO, NamedTuple

from directory.country.ssda903.errors import NotATable, OtherTable, TooLarge

MOST_ROWS = 300_000
MOST_BYTES = 60_000_000
_LONGEST_LINE = 5_000  # bytes
_MARK = b"\xef\xbb\xbf"
_SAVE_AS = "Save the sheet as “CSV UTF-8”, and choose that file"


class Table(NamedTuple):
    """Where each column stands, by its title in capitals; and the rows that are not blank, each
    with its number as a spreadsheet counts: the heading is row 1 where nothing is above it.
    """

    columns: dict[str, int]
    rows: Iterator[tuple[int, list[str]]]


def open_table(file: IO[bytes], name: str, needed: Collection[str]) -> Table:
    """Read a table's heading; the rows are read as they are asked for. `name` is what messages call
    it. Raises NotATable, OtherTable or TooLarge, the rows too.
    """
    rows = _rows(file, name)
    _, heading = next(rows, (0, []))
    titles = [cell.strip().upper() for cell in heading]
    if missing := [one for one in needed if one not in titles]:
        raise OtherTable(
            f"This is not the table {name} of an SSDA903 return: there is no column "
            f"{', '.join(missing)}. Choose the file that has it; the titles stand in its first row."
        )
    if twice := [one for one in needed if titles.count(one) > 1]:
        raise OtherTable(
            f"The table {name} has the column {twice[0]} twice, so nobody can tell which counts. "
            "Take one of them out."
        )
    return Table({title: place for place, title in enumerate(titles) if title}, rows)


def _rows(file: IO[bytes], name: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(_lines(file, name), strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise NotATable(
                f"Row {number} of {name} cannot be told apart from the next. Look there for a "
                f"quotation mark too many, or for anything but commas between the cells. "
                f"{_SAVE_AS}."
            ) from None
        if number > MOST_ROWS:
            raise TooLarge(f"{name} has more than {MOST_ROWS:,} rows, so it is no return.")
        if any(not cell.isspace() for cell in cells if cell):
            yield number, cells


def _lines(file: IO[bytes], name: str) -> Iterator[str]:
    size, first = 0, True
    while line := file.readline(_LONGEST_LINE + 1):
        size += len(line)
        if size > MOST_BYTES:
            raise TooLarge(
                f"{name} is larger than {MOST_BYTES // 1_000_000} MB, so it is no return."
            )
        if len(line) > _LONGEST_LINE or b"\0" in line:
            raise NotATable(f"{name} is not a CSV file. {_SAVE_AS}.")
        if first:
            while line.startswith(_MARK):
                line = line.removeprefix(_MARK)
            first = False
        yield line.decode("utf-8", "surrogateescape")
