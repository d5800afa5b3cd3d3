"""The cells of one row, each held to what its column may have; what is wrong becomes a fault.

No fault repeats what stands in a cell.
"""

import re
from datetime import date

from directory.country.ssda903.codes import Codes
from directory.country.ssda903.errors import Fault

_CHILD = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ./_-]{0,39}")
_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
_POSTCODE = re.compile(r"[A-Za-z0-9 ]{2,10}")
_PLAIN = re.compile(r"[A-Za-z0-9 .,'()&/-]{1,80}")
_URN = re.compile(r"[A-Z0-9-]{1,20}")
_NO_URN = re.compile(r"X+")  # what the guide asks for where there is none
_YEARS = range(1950, 2101)


class Cells:
    """Reads row after row: `row` is given to it first. What many rows say is kept once."""

    def __init__(self, columns: dict[str, int], codes: Codes) -> None:
        self.faults: list[Fault] = []
        self._columns = columns
        self._codes = codes
        self._days: dict[str, date | None] = {}
        self._texts: dict[str, str] = {}
        self._number = 0
        self._cells: list[str] = []

    def row(self, number: int, cells: list[str]) -> None:
        """Go on to this row, with no fault found yet. Cells that are missing at its end are blank;
        what stands beyond the heading means that the cells before it have moved.
        """
        self._number, self._cells, self.faults = number, cells, []
        width = max(self._columns.values()) + 1
        if any(cell.strip() for cell in cells[width:]):
            self._refuse("CHILD", "The row has more cells than the heading: one cell holds a comma")

    def child(self) -> str:
        """The authority's own identifier of the child; empty with a fault."""
        written = self._needed("CHILD")
        if written and not _CHILD.fullmatch(written):
            self._refuse("CHILD", "This is no identifier: letters and figures, 40 at most")
            return ""
        return written

    def day(self, column: str, *, needed: bool = False) -> date | None:
        """A day written 31/03/2026; None where nothing stands, or with a fault."""
        written = self._needed(column) if needed else self._text(column)
        if not written:
            return None
        if written not in self._days:
            self._days[written] = _day(written)
        found = self._days[written]
        if found is None:
            self._refuse(column, "This is not a date. Write day, month and year as 31/03/2026")
        return found

    def code(self, column: str, *, needed: bool = False) -> str | None:
        """One of the column's codes; None where nothing stands, or with a fault."""
        written = (self._needed(column) if needed else self._text(column)).upper()
        if written and written not in self._codes[column]:
            self._refuse(column, "This is no code of that column in a return of that year")
            return None
        return self._once(written)

    def postcode(self, column: str) -> str | None:
        """What should be a postcode; whether there is such a one is asked elsewhere."""
        return self._shaped(column, _POSTCODE, "This is not a whole UK postcode")

    def words(self, column: str) -> str | None:
        """A name or code of an authority."""
        return self._shaped(column, _PLAIN, "This is neither a name nor a code of an authority")

    def urn(self, column: str) -> str | None:
        """A registration's number; None also for XXXXXXX, which stands where there is none."""
        found = self._shaped(column, _URN, "This is no URN. URNs look like 2590934 or SC469688")
        return None if found and _NO_URN.fullmatch(found) else found

    def refuse(self, column: str, reason: str) -> None:
        """Note a fault that shows only when cells are compared."""
        self._refuse(column, reason)

    def _shaped(self, column: str, shape: re.Pattern[str], reason: str) -> str | None:
        written = self._text(column).upper()
        if written and not shape.fullmatch(written):
            self._refuse(column, reason)
            return None
        return self._once(written)

    def _once(self, written: str) -> str | None:
        return self._texts.setdefault(written, written) if written else None

    def _needed(self, column: str) -> str:
        written = self._text(column)
        if not written:
            self._refuse(column, "Nothing stands here, and every row needs it. Fill it in")
        return written

    def _text(self, column: str) -> str:
        place = self._columns.get(column)
        return "" if place is None or place >= len(self._cells) else self._cells[place].strip()

    def _refuse(self, column: str, reason: str) -> None:
        self.faults.append(Fault(self._number, column, f"{reason}."))


def _day(written: str) -> date | None:
    if not (match := _DAY.fullmatch(written)):
        return None
    day, month, year = (int(part) for part in match.groups())
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None
