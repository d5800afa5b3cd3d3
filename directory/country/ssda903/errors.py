"""What goes wrong with a return as a whole. What is wrong with a row is a `Fault`."""

from dataclasses import dataclass

from directory.errors import DirectoryError


class ReturnError(DirectoryError):
    """Base of this package's errors. Never quotes a cell: whoever reads a return reads children."""


class NotATable(ReturnError):
    """The file is not CSV that can be read."""


class OtherTable(ReturnError):
    """The file is CSV, and not this table of the return: columns are missing, or stand twice."""


class TooLarge(ReturnError):
    """The file is larger than a return of any authority."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell: the row as a spreadsheet counts it (the heading is row 1), the
    column's title, why, and what to do. The cell itself is not in it.
    """

    row: int
    column: str
    reason: str
