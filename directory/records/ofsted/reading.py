"""Ofsted's provider-level list, from a file to registrations.

CSV, XLSX and ODS of any year: what the file is, how it is encoded, which sheet holds the list and
where its columns are is decided by what it says. The file is taken as hostile: its size, lines,
rows and reported problems have ceilings, and what is not a list at all is refused as a whole before
anything is kept. Rows come one at a time, so that memory does not grow with the list.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path

from directory.records.ofsted.cells import Row
from directory.records.ofsted.csv_rows import csv_rows
from directory.records.ofsted.encoding import survey
from directory.records.ofsted.errors import OtherDay, UnreadableList
from directory.records.ofsted.heading import Heading, day_of_list, recognise
from directory.records.ofsted.registrations import OfstedList, Problem, Registration
from directory.records.ofsted.rows import read_row
from directory.records.ofsted.workbooks import Rows, Workbook, is_workbook

MOST_BYTES = 400_000_000  # 200 times the list of 2025
MOST_ROWS = 500_000
MOST_PROBLEMS = 10_000
_HEADER_WITHIN = 50  # rows
_TELL_EVERY = 5_000  # rows
_IMPORT = "Import the provider-level list as Ofsted published it, as CSV, XLSX or ODS."


class Reading:
    """A list that is being read; a `Listed` whose registrations can be gone through once.

    `tell` is told now and then how many rows have been read. `further` are the other sheets of an
    unredacted workbook: name, header, rows.
    """

    def __init__(
        self,
        path: Path,
        tell: Callable[[int], None] = lambda rows: None,
        as_at: date | None = None,
    ) -> None:
        """`as_at` is the day of a list that does not say it. Raises UnreadableList when the file is
        not such a list, OtherDay when it says another day.
        """
        self.problems: list[Problem] = []
        self.read = 0
        self._tell = tell
        self._seen: dict[str, int] = {}
        name = path.name
        if is_workbook(_start(path)):
            self.sha256 = _digest(path)
            sheets = _of_workbook(Workbook(path, name), path.stem)
        else:
            found = survey(path, name, MOST_BYTES)
            self.sha256 = found.sha256
            sheets = [_of_csv(path, found.encoding)]
        first = sheets[0]
        self.heading, self._rows = first.heading, first.rows
        self.as_at = _one_day(first.as_at, as_at)
        self.further = [
            (one.name, one.heading, self._counted(one.rows))
            for one in sheets[1:]
            if one.heading.is_unredacted
        ]

    @property
    def silent(self) -> frozenset[str]:
        """The fields for which the list has no column."""
        return self.heading.silent

    @property
    def urns(self) -> Collection[str] | None:
        """The URNs of every row so far; None when one could not be read."""
        return self._seen.keys() if len(self._seen) == self.read else None

    @property
    def is_unredacted(self) -> bool:
        """Whether this is the list with addresses that Ofsted sends to authorities alone."""
        return self.heading.is_unredacted

    @property
    def registrations(self) -> Iterator[Registration]:
        """Those of the rows that can be used. Raises UnreadableList when hardly one can, or when
        the list is not the public one.
        """
        if self.is_unredacted:
            raise UnreadableList(
                "This is the list with addresses that Ofsted sends to authorities, and what is "
                "read here is published. 'hearth import ofsted' keeps it in this node alone."
            )
        if self.heading.is_of_closed:
            raise UnreadableList(
                "This is a list of providers that have closed, and what is read here is taken to "
                f"be on the register. Nothing was kept. {_IMPORT}"
            )
        addresses = self.heading.addresses
        usable = 0
        for line, cells in self.rows():
            row = Row(self.heading, cells, line)
            if registration := read_row(row, self._seen, self.as_at):
                if registration.is_childrens_home and row.any_said(addresses):
                    raise _not_for_all(line)
                usable += 1
                yield registration
            self.problems += row.problems
            if len(self.problems) > MOST_PROBLEMS:
                break
        for urn in self._seen:
            self._seen[urn] = 0  # nobody asks for the lines any more, and they are many numbers
        if not usable or len(self.problems) > MOST_PROBLEMS:
            raise UnreadableList(
                "The file has the header of Ofsted's list, but hardly a row of it can be used. "
                f"{_first(self.problems)}{_IMPORT}"
            )

    def rows(self) -> Rows:
        """The rows below the header, with their lines; they can be gone through once."""
        return self._counted(self._rows)

    def _counted(self, rows: Rows) -> Rows:
        for line, cells in rows:
            self.read += 1
            if self.read > MOST_ROWS:
                raise UnreadableList(
                    f"The file has more than {MOST_ROWS:,} rows, which no list of Ofsted's comes "
                    f"near, and nothing of it was kept. {_IMPORT}"
                )
            if self.read % _TELL_EVERY == 0:
                self._tell(self.read)
            yield line, cells


def read_list(path: Path) -> OfstedList:
    """The whole list in this file. Rows that cannot be used are in `problems`, the others are kept.

    Raises UnreadableList when the file is not such a list, or no row of it can be used.
    """
    reading = Reading(path)
    registrations = list(reading.registrations)
    return OfstedList(
        as_at=reading.as_at,
        registrations=registrations,
        problems=reading.problems,
        read=reading.read,
        urns=None if reading.urns is None else frozenset(reading.urns),
        sha256=reading.sha256,
        silent=reading.silent,
    )


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    as_at: date | None
    heading: Heading
    rows: Rows


def _one_day(listed: date | None, said: date | None) -> date | None:
    if listed and said and listed != said:
        raise OtherDay(
            f"The list says that it is as at {listed:%d %B %Y}, not {said:%d %B %Y}, and nothing "
            "of it was kept. Import it without --as-at, or look whether it is the right file."
        )
    return listed or said


def _not_for_all(line: int) -> UnreadableList:
    return UnreadableList(
        f"The row on line {line} has the address of a children's home, which the list that Ofsted "
        "publishes never has. What is read from it would be published, so nothing was kept. Import "
        "the published list; the unredacted one is kept in this node alone when it is in the "
        "layout in which Ofsted sends it."
    )


def _first(problems: list[Problem]) -> str:
    if not problems:
        return ""
    first = problems[0]
    return f"The first problem, on line {first.line} in “{first.column}”: {first.reason} "


def _start(path: Path) -> bytes:
    try:
        if not path.is_file():
            raise UnreadableList(f"{path.name} is not a file. Name the list that you saved.")
        with path.open("rb") as file:
            return file.read(8)
    except OSError as error:
        raise UnreadableList(
            f"{path.name} cannot be opened: {error.strerror}. Check that it may be read."
        ) from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _of_csv(path: Path, encoding: str) -> _Sheet:
    rows = csv_rows(path, encoding)
    banner, heading = _heading(islice(rows, _HEADER_WITHIN))
    first = next(rows, None)
    if first and not any(cell.strip() for cell in first[1][len(heading.titles) :]):
        # Every row may end with empty columns that the header does not have.
        heading = heading.widened(len(first[1]))
    rest = rows if first is None else chain([first], rows)
    return _Sheet("", day_of_list(banner, [path.stem]), heading, rest)


def _of_workbook(book: Workbook, stem: str) -> list[_Sheet]:
    """The sheets that could be the list, the list first. A workbook has others with some of its
    columns, such as the inspections of a year: it is the one with a day and the most columns.
    """
    found: list[tuple[tuple[bool, int], int, _Sheet]] = []
    refused: list[UnreadableList] = []
    for place, (sheet, rows) in enumerate(book.starts(_HEADER_WITHIN)):
        taken = iter(rows)
        try:
            banner, heading = _heading(taken)
        except UnreadableList as error:
            refused.append(error)
            continue
        as_at = day_of_list(banner, [sheet, stem])
        rank = (as_at is None, len(heading.silent))
        header = len(rows) - len(list(taken))
        below = _padded(islice(book.rows(place), header, None), len(heading.titles))
        found.append((rank, place, _Sheet(sheet, as_at, heading, below)))
    if not found:
        raise _likeliest(refused)
    return [one for _rank, _place, one in sorted(found, key=lambda one: one[:2])]


def _padded(rows: Rows, wide: int) -> Rows:
    """The rows of a sheet, which end with their last cell, as wide as its header."""
    return ((line, cells + [""] * (wide - len(cells))) for line, cells in rows)


def _likeliest(refused: list[UnreadableList]) -> UnreadableList:
    """Of what was said of each sheet, what says most: a header was there, but not a whole one."""
    of_headers = [error for error in refused if "The header has" in str(error)]
    return (of_headers or refused or [_headless()])[0]


def _heading(rows: Iterable[tuple[int, list[str]]]) -> tuple[list[str], Heading]:
    banner: list[str] = []
    above: list[str] = []
    for _line, cells in rows:
        if heading := recognise(cells, above):
            return banner, heading
        banner += cells
        above = cells
    raise _headless()


def _headless() -> UnreadableList:
    return UnreadableList(
        f"None of the first {_HEADER_WITHIN} rows holds the headings of Ofsted's list, such as "
        f"“URN”, “Provision type” and “Local authority”. {_IMPORT}"
    )
