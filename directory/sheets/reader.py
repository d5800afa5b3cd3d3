"""A process of its own that reads one workbook from standard input and writes its rows as JSON.

`python -m directory.sheets.reader` writes `{"rows": …}` or `{"refused": true}`. Standard input is a
file in memory, and is opened by its own name: nothing of it reaches a disk.
"""

import json
from itertools import islice
from pathlib import Path

from directory.apart.limits import answer_once

LONGEST_ANSWER = 40_000_000  # bytes
MOST_ROWS = 20_000


def _read(_data: bytes) -> bytes:
    from directory.ofsted.errors import UnreadableList
    from directory.ofsted.workbooks import Workbook

    try:
        book = Workbook(Path("/proc/self/fd/0"), "The file")
        rows = [cells for _number, cells in islice(book.rows(0), MOST_ROWS + 2)]
    except UnreadableList:
        return b'{"refused": true}'
    return json.dumps({"rows": rows}).encode()


if __name__ == "__main__":
    answer_once(_read, LONGEST_ANSWER)
