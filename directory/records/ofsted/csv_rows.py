"""The rows of a list saved as CSV, one at a time, in the encoding that it was found to have."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from directory.records.ofsted.encoding import SAVE_AS
from directory.records.ofsted.errors import UnreadableList

LONGEST_LINE = 20_000  # characters


def csv_rows(path: Path, encoding: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the line of the file on which it begins, from 1."""
    with path.open(encoding=encoding, newline="") as file:
        reader = csv.reader(_lines(file), strict=True)
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
                    f"anything but commas between the cells. {SAVE_AS}"
                ) from error
            if any(cell.strip() for cell in cells):
                yield line, cells


def _lines(file: TextIO) -> Iterator[str]:
    number = 0
    while line := file.readline(LONGEST_LINE + 1):
        number += 1
        if len(line) > LONGEST_LINE:
            raise UnreadableList(
                f"Line {number} is longer than {LONGEST_LINE:,} characters, so the file is no "
                f"such list. {SAVE_AS}"
            )
        yield line
