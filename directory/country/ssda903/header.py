"""The table Header: when each child was born, and the child's sex.

Ethnicity, unique pupil number and motherhood are in it too, and are not read: nothing here needs
them.
"""

from collections.abc import Iterator
from datetime import date
from typing import IO, Literal

from msgspec import Struct

from directory.country.ssda903.cells import Cells
from directory.country.ssda903.codes import codes_of
from directory.country.ssda903.errors import Fault
from directory.country.ssda903.table import open_table

NEEDED = ("CHILD", "SEX", "DOB")
_SEXES: dict[str, Literal["female", "male"]] = {
    "1": "male",
    "2": "female",
    "M": "male",
    "F": "female",
}


class Child(Struct, frozen=True, gc=False):
    """One row of Header. `identifier` is the authority's own; `sex` is None where it is not said,
    or cannot be read.
    """

    row: int
    identifier: str
    born_on: date
    sex: Literal["female", "male"] | None = None


def read_header(file: IO[bytes], year: int | None = None) -> Iterator[Child | Fault]:
    """The children of a CSV file in its order, and what is wrong with its cells. As
    `read_episodes`.
    """
    table = open_table(file, "Header", NEEDED)
    cells = Cells(table.columns, codes_of(year))
    for number, row in table.rows:
        cells.row(number, row)
        child, born_on = cells.child(), cells.day("DOB", needed=True)
        usable = not cells.faults
        sex = cells.code("SEX", needed=True)
        yield from cells.faults
        if usable and born_on:
            yield Child(number, child, born_on, _SEXES.get(sex or ""))
