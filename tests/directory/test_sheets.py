"""Spreadsheets that people keep: read whatever they were saved as, and mapped once."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook

from directory.sheets.cells import read_day
from directory.sheets.errors import UnreadableSheet
from directory.sheets.mapping import (
    Field,
    cells_of,
    guess,
    missing,
    read_mapping,
    remember_mapping,
    remembered_mapping,
)
from directory.sheets.reading import read_sheet
from federation import reading, writing
from tests.directory.worlds import KENT, two_served

FIELDS = (
    Field("family_name", "Family name", ("Surname", "Last name"), required=True),
    Field("starts_on", "Starts on", ("Start date", "Placement start"), required=True),
    Field("address", "Address"),
)
ROWS = [["Surname", "", "Surname", "Start Date"], ["O’Brien", "x", "y", "4/12/2026"], [""] * 4]


def workbook(rows: list[list[str]]) -> bytes:
    book, file = Workbook(), BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        workbook(ROWS),
        "\n".join(",".join(row) for row in ROWS).encode("utf-8-sig"),
        "\r\n".join(";".join(row) for row in ROWS).encode("cp1252"),
    ],
    ids=["workbook", "CSV", "CSV of Excel in another language"],
)
def test_rows_are_the_same_however_they_were_saved(data: bytes) -> None:
    sheet = read_sheet(data)
    assert sheet.headings == ("Surname", "Column 2", "Surname (2)", "Start Date")
    assert sheet.rows == ((2, ("O’Brien", "x", "y", "4/12/2026")),)
    mapping = guess(sheet, FIELDS, {})
    assert mapping == {"family_name": "Surname", "starts_on": "Start Date"}
    assert cells_of(sheet, mapping) == [(2, {"family_name": "O’Brien", "starts_on": "4/12/2026"})]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"a,b\n",
        b"a\0b\n1,2",
        b"PK\x03\x04 no archive",
        b"\xd0\xcf\x11\xe0 old",
        b"x" * 10_000_001,
    ],
    ids=["empty", "headings alone", "binary", "broken workbook", "old workbook", "too large"],
)
def test_what_is_no_sheet_is_refused_without_being_quoted(data: bytes) -> None:
    with pytest.raises(UnreadableSheet) as refused:
        read_sheet(data)
    assert "archive" not in str(refused.value)


def test_what_a_person_chose_is_remembered_for_the_next_list(tmp_path: Path) -> None:
    sheet = read_sheet(b"Who,Start date,Surname\nA,1.2.2026,B\n")
    chosen = read_mapping(
        sheet, FIELDS, {"column-family_name": "Who", "column-address": "no such column"}
    )
    assert chosen == {"family_name": "Who"}
    assert [one.name for one in missing(FIELDS, chosen)] == ["starts_on"]
    with two_served(tmp_path) as node:
        with writing(node.node_db) as connection:
            remember_mapping(connection, node, KENT, "register", chosen)
            remember_mapping(connection, node, KENT, "register", chosen)
        with reading(node.node_db) as connection:
            kept = remembered_mapping(connection, KENT, "register")
            assert remembered_mapping(connection, KENT, "placements") == {}
    assert guess(sheet, FIELDS, kept) == {"family_name": "Who", "starts_on": "Start date"}


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("4/12/2026", "2026-12-04"),
        ("04.12.2026", "2026-12-04"),
        ("2026-12-04 00:00:00", "2026-12-04"),
        ("4 Dec 2026", "2026-12-04"),
        ("12/31/2026", "None"),
        ("4 Nonsense 2026", "None"),
        ("soon", "None"),
    ],
)
def test_days_are_read_as_people_here_write_them(text: str, day: str) -> None:
    assert str(read_day(text)) == day
