"""CSV that a spreadsheet opens without running anything that stands in it.

Everything that leaves the node as CSV goes through here: lists of changes, searches, the audit. A
spreadsheet runs a cell that begins with = + - or @ as a formula, whoever wrote it; a tab, a line
break or a semicolon may begin a new cell for it. An apostrophe before such a text makes it text
(OWASP, "CSV Injection"). Numbers stay numbers.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import chain
from typing import TypeAlias

Cell: TypeAlias = str | int | float | date | None

# Also the wide forms of the four signs, which spreadsheets in some languages take for them.
_LIVE = re.compile(r"(?:^|(?<=[;|\t\r\n]))(?=[\s'\"]*[=+\-@＝＋－＠])|^(?=[\t\r\n])")


def csv_lines(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[str]:
    """The lines of a CSV file, headings first, each with its end (RFC 4180), one at a time.

    To be written as UTF-8 with a byte order mark ("utf-8-sig"), without which Excel misreads
    accents. Days and times are as in ISO 8601; None is an empty cell.
    """
    for row in chain([headings], rows):
        line = io.StringIO()
        cells = [_harmless(cell) for cell in row]
        csv.writer(line, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n").writerow(cells)
        yield line.getvalue()


def _harmless(cell: Cell) -> str | int | float:
    match cell:
        case None:
            return ""
        case bool() | date():
            return str(cell.isoformat() if isinstance(cell, date) else cell)
        case int() | float():
            return cell
        case _:
            return _LIVE.sub("'", cell)
