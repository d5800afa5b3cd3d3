"""The table Episodes: where each child lived and under which legal status, from when to when.

Of a row that tells no child, begin or place, or an end that cannot be, nobody can say anything, so
it is left out, with a fault. What else cannot be read is None, with a fault, and the episode counts
all the same: a code that is wrong must not hide a child.
"""

from collections.abc import Iterator
from datetime import date
from typing import IO

from msgspec import Struct

from directory.country.ssda903.cells import Cells
from directory.country.ssda903.codes import codes_of
from directory.country.ssda903.errors import Fault
from directory.country.ssda903.table import open_table

NEEDED = ("CHILD", "DECOM", "RNE", "LS", "PLACE", "DEC")
"""The columns without which nobody could tell who is placed where. All others may be missing."""


class Episode(Struct, frozen=True, gc=False):
    """One row of Episodes, by what the columns mean.

    `row` as a spreadsheet counts; `child` the authority's own identifier; `began` DECOM; `ended`
    DEC, None while it goes on; `why_new` RNE; `legal_status` LS; `need` CIN; `place` PLACE;
    `provider` PLACE_PROVIDER; `why_ended` REC; `why_moved` REASON_PLACE_CHANGE; `home_postcode`
    HOME_POST and `postcode` PL_POST as written, in capitals; `urn` URN; `area` PL_LA, which some
    systems add: a code or name of the authority where the child lives.
    """

    row: int
    child: str
    began: date
    place: str
    ended: date | None = None
    why_new: str | None = None
    legal_status: str | None = None
    need: str | None = None
    provider: str | None = None
    why_ended: str | None = None
    why_moved: str | None = None
    home_postcode: str | None = None
    postcode: str | None = None
    urn: str | None = None
    area: str | None = None


def read_episodes(file: IO[bytes], year: int | None = None) -> Iterator[Episode | Fault]:
    """The episodes of a CSV file in its order, and what is wrong with its cells, as they are read.

    `year` is that in which the return was collected (one of YEARS), whose codes alone then count;
    without it those of all years do. Raises NotATable, OtherTable or TooLarge.
    """
    table = open_table(file, "Episodes", NEEDED)
    cells = Cells(table.columns, codes_of(year))
    for number, row in table.rows:
        cells.row(number, row)
        episode = _episode(cells, number)
        yield from cells.faults
        if episode:
            yield episode


def _episode(cells: Cells, number: int) -> Episode | None:
    child = cells.child()
    began = cells.day("DECOM", needed=True)
    ended = cells.day("DEC")
    place = cells.code("PLACE", needed=True)
    if began and ended and ended < began:
        cells.refuse("DEC", "The episode ends before it begins")
    usable = child and began and place and not cells.faults
    found = {
        "why_new": cells.code("RNE", needed=True),
        "legal_status": cells.code("LS", needed=True),
        "need": cells.code("CIN"),
        "provider": cells.code("PLACE_PROVIDER"),
        "why_ended": cells.code("REC"),
        "why_moved": cells.code("REASON_PLACE_CHANGE"),
        "home_postcode": cells.postcode("HOME_POST"),
        "postcode": cells.postcode("PL_POST"),
        "urn": cells.urn("URN"),
        "area": cells.words("PL_LA"),
    }
    if not usable or began is None or place is None:
        return None
    return Episode(number, child, began, place, ended, **found)
