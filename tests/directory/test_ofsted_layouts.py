"""The list of every year is read without being told which year it is."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest

from directory.country.authorities.service import find
from directory.records.ofsted.errors import UnreadableList
from directory.records.ofsted.heading import HEADINGS
from directory.records.ofsted.reading import read_list
from tests.directory.layouts import HOME, LAYOUTS, Layout
from tests.directory.lists import home, ofsted_csv
from tests.directory.workbooks import write_ods, write_xlsx

FORMATS = ("cp1252", "mac_roman", "utf-8", "utf-8-sig", "xlsx", "ods")


def save(folder: Path, layout: Layout, how: str) -> Path:
    """The list as a file; as CSV it is called by its sheet, as spreadsheets call it."""
    table = layout.table()
    path = folder / f"{layout.file}.csv"
    if how in ("xlsx", "ods"):
        others = {"Cover": [["Contents"]], "Notes": [["A note"]]}
        write = write_xlsx if how == "xlsx" else write_ods
        return write(path.with_suffix(f".{how}"), others | {layout.sheet: table})
    if layout.sheet != "Provider level":
        path = path.with_stem(layout.sheet)
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(table)
    path.write_bytes(text.getvalue().encode(how))
    return path


@pytest.mark.parametrize("how", FORMATS)
@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: str(layout.as_at))
def test_a_list_of_any_year_in_any_format_says_the_same_of_a_home(
    tmp_path: Path, layout: Layout, how: str
) -> None:
    listed = read_list(save(tmp_path, layout, how))
    assert listed.problems == []
    assert listed.as_at == layout.as_at
    [one] = listed.registrations
    authority = find("Brighton and Hove")
    assert authority
    assert (one.urn, one.authority_gss, one.places) == ("SC900001", authority.gss, 4)
    assert (one.name, one.status, one.sector) == (None, "Active", "Private")
    assert one.is_childrens_home
    spoken = layout.fields
    assert one.registered_on == (date(2011, 6, 25) if "registered_on" in spoken else None)
    assert one.owner == (HOME["owner"] if "owner" in spoken else None)
    assert one.inspected_on == (date(2014, 11, 5) if "inspected_on" in spoken else None)
    assert one.overall == (layout.overall[1] if "overall" in spoken else None)
    assert one.protection == ("Good" if "protection" in spoken else None)
    assert one.leadership == ("Outstanding" if "leadership" in spoken else None)
    kept = layout.overall[0] != layout.overall[1]
    assert one.grades_as_written == (f"overall: {layout.overall[0]}" if kept else None)


def test_every_year_since_2015_has_a_layout_here() -> None:
    assert {layout.as_at.year for layout in LAYOUTS} == set(range(2015, 2027))
    assert set().union(*(layout.fields for layout in LAYOUTS)) <= HEADINGS.keys()


@pytest.mark.parametrize("heading", ["Date closed", "Closed date", "Deregistration date"])
def test_a_list_of_those_that_have_closed_is_not_taken_for_the_register(
    tmp_path: Path, heading: str
) -> None:
    path = tmp_path / "Closed_childrens_homes.csv"
    text = ofsted_csv([home()]).replace("Parliamentary constituency", heading)
    path.write_text(text, encoding="utf-8-sig", newline="")
    with pytest.raises(UnreadableList, match="have closed"):
        read_list(path)
