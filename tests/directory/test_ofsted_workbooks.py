"""The list as XLSX and as ODS: read as the same list as CSV, and refused when it is a weapon."""

import struct
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from directory.records.ofsted import archive
from directory.records.ofsted.errors import UnreadableList
from directory.records.ofsted.reading import read_list
from tests.directory.lists import BANNER, HEADINGS, home, write_list
from tests.directory.workbooks import Cell, Sheets, write_ods, write_ods_content, write_xlsx

Write = Callable[[Path, Sheets], Path]
BOTH = pytest.mark.parametrize("write", [write_xlsx, write_ods])
DAYS = ("Registration date", "Latest full inspection date")


def as_typed(cells: list[str]) -> list[Cell]:
    """A home's cells as a workbook has them: numbers and days are no text."""
    typed: list[Cell] = []
    for heading, cell in zip(HEADINGS, cells, strict=True):
        if cell.isdigit():
            typed.append(int(cell))
        elif heading.strip() in DAYS and cell:
            day, month, year = map(int, cell.split("/"))
            typed.append(date(year, month, day))
        else:
            typed.append(cell)
    return typed


def provider_level(*rows: list[str]) -> list[list[Cell]]:
    banner: list[list[Cell]] = [[line] for line in BANNER]
    return [*banner, list(HEADINGS), *(as_typed(row) for row in rows)]


@BOTH
def test_a_workbook_is_read_as_the_same_list_as_csv(tmp_path: Path, write: Write) -> None:
    rows = [home("9000001"), home("SC900002", Places="7", Local_authority="Bristol, City of")]
    told = read_list(write(tmp_path / "list.bin", {"Provider level": provider_level(*rows)}))
    plain = read_list(write_list(tmp_path, *rows))
    assert told.registrations == plain.registrations
    assert (told.as_at, told.read, told.problems) == (plain.as_at, 2, [])


@BOTH
def test_the_sheet_with_the_list_is_found_among_the_others(tmp_path: Path, write: Write) -> None:
    in_year = ["URN", "Provision type", "Local authority", "Sector", "Places", "Inspection date"]
    sheets: dict[str, list[list[Cell]]] = {
        "Cover": [["Children's social care in England"], ["Published in July"]],
        "In year 2024-25": [[*in_year], ["9000009", "Children's home", "Kent", "Private", 4, ""]],
        "Provider_level_at_31_Mar_2022": [list(HEADINGS), as_typed(home())],
    }
    listed = read_list(write(tmp_path / "list.bin", sheets))
    assert [one.urn for one in listed.registrations] == ["9000001"]
    assert listed.as_at == date(2022, 3, 31)


@BOTH
def test_a_row_of_a_workbook_may_end_with_its_last_cell(tmp_path: Path, write: Write) -> None:
    short = as_typed(home())[:22]
    listed = read_list(write(tmp_path / "list.bin", {"A": [list(HEADINGS), short]}))
    assert (len(listed.registrations), listed.problems) == (1, [])


@BOTH
def test_a_problem_names_the_row_of_the_sheet(tmp_path: Path, write: Write) -> None:
    rows = provider_level(home("9000001"), home("9000002", Places="many"))
    listed = read_list(write(tmp_path / "list.bin", {"A": rows}))
    assert [one.line for one in listed.problems] == [len(BANNER) + 3]


@BOTH
def test_a_workbook_without_the_list_says_so(tmp_path: Path, write: Write) -> None:
    with pytest.raises(UnreadableList, match="headings"):
        read_list(write(tmp_path / "list.bin", {"Cover": [["Nothing here"]]}))
    without = [heading if heading != "Places" else "Beds" for heading in HEADINGS]
    with pytest.raises(UnreadableList, match="no column called “Places”"):
        read_list(write(tmp_path / "list.bin", {"Cover": [["x"]], "A": [without]}))


@BOTH
@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_workbook_that_was_cut_off_is_refused(tmp_path: Path, write: Write, kept: float) -> None:
    path = write(tmp_path / "list.bin", {"A": provider_level(home())})
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * kept)])
    with pytest.raises(UnreadableList, match="damaged"):
        read_list(path)


@BOTH
def test_a_workbook_with_spoilt_bytes_is_refused(tmp_path: Path, write: Write) -> None:
    path = write(tmp_path / "list.bin", {"A": provider_level(home())})
    with zipfile.ZipFile(path) as parts:
        at = max(parts.infolist(), key=lambda one: one.compress_size).header_offset
    spoilt = bytearray(path.read_bytes())
    spoilt[at + 100 : at + 140] = b"\x00" * 40
    path.write_bytes(spoilt)
    with pytest.raises(UnreadableList, match="damaged"):
        read_list(path)


def test_a_protected_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 4096)
    with pytest.raises(UnreadableList, match="protected by a password"):
        read_list(path)


def bomb(path: Path, part: str, pieces: int) -> Path:
    """Pieces of a mebibyte of nothing in one part, packed a thousandfold."""
    write_xlsx(path, {"A": provider_level(home())})
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as parts, parts.open(part, "w") as file:
        for _ in range(pieces):
            file.write(b" " * (1 << 20))
    return path


def test_a_small_file_that_unpacks_to_hundreds_of_megabytes_is_refused(tmp_path: Path) -> None:
    path = bomb(tmp_path / "list.xlsx", "xl/media/image1.png", 260)
    assert path.stat().st_size < 1_000_000
    with pytest.raises(UnreadableList, match="unpacks to more than 250 MB"):
        read_list(path)


def test_a_bomb_that_declares_a_small_size_is_refused(tmp_path: Path) -> None:
    path = bomb(tmp_path / "list.xlsx", "xl/worksheets/sheet2.xml", 5)
    lied = bytearray(path.read_bytes())
    at = lied.rfind(b"PK\x01\x02")  # the last part in the directory
    lied[at + 24 : at + 28] = struct.pack("<I", 100)
    path.write_bytes(lied)
    with pytest.raises(UnreadableList, match=r"damaged|unpacks"):
        read_list(path)


def test_a_part_that_is_read_whole_must_be_small(tmp_path: Path) -> None:
    with pytest.raises(UnreadableList, match="out of all proportion"):
        read_list(bomb(tmp_path / "list.xlsx", "xl/comments/styles.xml", 3))


def test_a_row_without_an_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableList, match="out of all proportion"):
        read_list(bomb(tmp_path / "list.xlsx", "xl/worksheets/sheet2.xml", 3))


def test_too_many_parts_or_bytes_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_xlsx(tmp_path / "list.xlsx", {"A": provider_level(home())})
    for ceiling in ("MOST_PARTS", "MOST_UNPACKED", "MOST_PACKED"):
        with monkeypatch.context() as patch:
            patch.setattr(archive, ceiling, 1)
            with pytest.raises(UnreadableList, match=r"unpacks|larger than"):
                read_list(path)


def test_entities_are_refused_before_they_expand(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "list.ods", {"A": provider_level(home())})
    with zipfile.ZipFile(path) as parts:
        content = parts.read("content.xml").decode()
    definition = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    write_ods_content(path, content.replace("?>", "?>" + definition, 1))
    with pytest.raises(UnreadableList, match="damaged"):
        read_list(path)


def test_a_cell_or_row_that_repeats_a_million_times_takes_no_memory(tmp_path: Path) -> None:
    path = write_ods(tmp_path / "list.ods", {"A": provider_level(home())})
    with zipfile.ZipFile(path) as parts:
        content = parts.read("content.xml").decode()
    blank = '<table:table-row table:number-rows-repeated="900000000"><table:table-cell '
    blank += 'table:number-columns-repeated="900000000"/></table:table-row>'
    write_ods_content(path, content.replace("</table:table>", blank + "</table:table>"))
    assert len(read_list(path).registrations) == 1


def test_a_formula_in_a_workbook_comes_as_what_it_last_yielded(tmp_path: Path) -> None:
    cells = as_typed(home())
    cells[HEADINGS.index("Organisation which owns the provider")] = "=1+1"
    path = write_xlsx(tmp_path / "list.xlsx", {"A": [list(HEADINGS), cells]})
    listed = read_list(path)  # openpyxl computes nothing, so that nothing stands there
    assert listed.registrations[0].owner is None
