"""Vacancies as a spreadsheet: down as CSV, and up again as CSV or a workbook.

A file fills in the form and nothing else: what it says is checked as if it had been typed.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from directory.exports import csv_lines
from directory.providers.vacancies.errors import UnreadableSheet
from directory.providers.vacancies.saying import OwnVacancy
from directory.providers.vacancies.schemas import NAMES, typed_of
from directory.records.ofsted.errors import UnreadableList
from directory.records.ofsted.workbooks import Workbook, is_workbook

HEADINGS = ("URN", "Home", "Registered places", "Beds free")
HEADINGS_AFTER = ("Free from", "Sex", "Youngest", "Oldest", "Emergency")
_COLUMNS = dict(zip(NAMES, (HEADINGS[-1], *HEADINGS_AFTER), strict=True))
MOST_ROWS = 2000
_READ = "Download the file from this page, fill it in, and save it as CSV UTF-8 or as a workbook"


def sheet_lines(homes: Sequence[OwnVacancy]) -> Iterator[str]:
    """The file's lines: a row for each home of which something can be said."""
    typed = typed_of(list(homes))
    rows = [
        (
            own.home.urn,
            own.known.name if own.known else None,
            own.known.places if own.known else None,
            *(typed.get(f"{name}-{own.home.urn}", "") for name in NAMES),
        )
        for own in homes
        if not own.is_asked
    ]
    return csv_lines((*HEADINGS, *HEADINGS_AFTER), rows)


def read_sheet(data: bytes) -> dict[str, str]:
    """What the file says, by the ids of the form's fields. Raises UnreadableSheet."""
    rows = list(_rows(data))
    if len(rows) > MOST_ROWS:
        raise UnreadableSheet(f"The file has more than {MOST_ROWS:,} rows. {_READ}")
    heading = [cell.strip().casefold() for cell in rows[0]] if rows else []
    places = {
        name: heading.index(called.casefold())
        for name, called in {"urn": HEADINGS[0], **_COLUMNS}.items()
        if called.casefold() in heading
    }
    if "urn" not in places or "beds" not in places:
        raise UnreadableSheet(
            f"The first row must have the headings {HEADINGS[0]} and {HEADINGS[-1]}. {_READ}"
        )
    found: dict[str, str] = {}
    for row in rows[1:]:
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in places.items()}
        urn = cells.pop("urn").upper()
        if urn and f"beds-{urn}" in found:
            raise UnreadableSheet(f"{urn} stands in the file twice. Leave one of the rows out")
        if urn:
            found |= {f"{name}-{urn}": text for name, text in cells.items()}
    return found


def urns_in(typed: dict[str, str]) -> set[str]:
    """The homes that a file names."""
    return {name.partition("-")[2] for name in typed if name.startswith("beds-")}


def _rows(data: bytes) -> Iterator[list[str]]:
    if is_workbook(data[:8]):
        yield from _workbook_rows(data)
        return
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:
        raise UnreadableSheet(f"This is neither CSV nor a workbook. {_READ}")
    try:
        yield from (row for row in csv.reader(io.StringIO(text), strict=True) if any(row))
    except csv.Error as error:
        raise UnreadableSheet(f"The file is not CSV: {error}. {_READ}") from None


def _workbook_rows(data: bytes) -> Iterator[list[str]]:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "vacancies"
        path.write_bytes(data)
        try:
            yield from (cells for _number, cells in Workbook(path, "The file").rows(0))
        except UnreadableList:
            raise UnreadableSheet(
                f"This is no workbook that can be read: it is damaged or protected. {_READ}"
            ) from None
