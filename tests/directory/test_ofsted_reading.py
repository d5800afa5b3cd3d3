"""Ofsted's list is recognised by what it says; what is wrong with it is told by line and column."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from directory.records.ofsted.reading import read_list
from directory.records.ofsted.registrations import OfstedList, Problem
from tests.directory.lists import BANNER, HEADINGS, home, ofsted_csv, write_list

REAL = Path(__file__).parents[3] / "shared/data/ofsted/provider_at_march_2025.csv"


def only_problem(listed: OfstedList) -> Problem:
    assert len(listed.problems) == 1
    return listed.problems[0]


def test_a_home_is_read_with_everything_the_list_says_of_it(tmp_path: Path) -> None:
    listed = read_list(write_list(tmp_path, home(Name="Button Wren House")))
    assert listed.as_at == date(2025, 3, 31)
    assert (listed.read, listed.problems, listed.urns) == (1, [], frozenset({"9000001"}))
    one = listed.registrations[0]
    assert one.urn == "9000001"
    assert one.is_childrens_home
    assert (one.provision_type, one.status, one.sector) == ("Children's home", "Active", "Private")
    assert (one.name, one.owner) == ("Button Wren House", "Paper Heron Care Limited")
    assert (one.authority_gss, one.authority_as_written, one.region) == (
        "E10000016",
        "Kent",
        "South East",
    )
    assert (one.registered_on, one.inspected_on, one.published_on) == (
        date(2020, 6, 25),
        date(2024, 11, 5),
        date(2025, 1, 14),
    )
    assert (one.event_type, one.event_number) == ("Full inspection", "19999901")
    assert (one.overall, one.protection, one.leadership) == (
        "Good",
        "Good",
        "Requires improvement to be good",
    )
    assert (one.education, one.health, one.places) == (None, None, 3)
    assert not one.short_breaks_only
    assert not one.multi_building


def test_redacted_is_never_text_in_any_field(tmp_path: Path) -> None:
    cells = ["REDACTED" if cell else "" for cell in home()]
    for heading, value in (
        ("URN", "9000001"),
        ("Provision type", "Boarding School"),
        ("Registration date", "25/06/2020"),
        ("Registration status", "Active"),
        ("Sector", "Private"),
    ):
        cells[HEADINGS.index(heading)] = value
    one = read_list(write_list(tmp_path, cells)).registrations[0]
    said = [getattr(one, name) for name in one.__slots__]
    assert "REDACTED" not in said
    assert said.count(None) == 16


@pytest.mark.parametrize(
    ("written", "meant", "is_home"),
    [
        ("Children's Home", "Children's home", True),
        ("CHILDREN’S HOME ", "Children's home", True),
        ("Secure children's home", "Secure children's home", True),
        (
            "Residential special school (registered as a children's home)",
            "Residential special school (registered as a children's home)",
            True,
        ),
        ("Residential Special School", "Residential Special School", False),
        ("Secure Training Centre", "Secure Training Centre", False),
        ("Supported Accommodation", "Supported Accommodation", False),
    ],
)
def test_a_kind_of_provision_has_one_spelling(
    tmp_path: Path, written: str, meant: str, is_home: bool
) -> None:
    one = read_list(write_list(tmp_path, home(Provision_type=written))).registrations[0]
    assert (one.provision_type, one.is_childrens_home) == (meant, is_home)


def test_marks_for_short_breaks_and_several_buildings_are_understood(tmp_path: Path) -> None:
    cells = home()
    cells[HEADINGS.index("Short-break-only children's home")] = "Short breaks only"
    cells[HEADINGS.index("Multi Building Children's Home")] = "Y"
    one = read_list(write_list(tmp_path, cells)).registrations[0]
    assert one.short_breaks_only
    assert one.multi_building


def test_a_provider_in_wales_is_read_without_an_authority_of_ours(tmp_path: Path) -> None:
    welsh = home(
        Provision_type="Supported Accommodation",
        Local_authority="Cardiff",
        Government_Office_Region="Wales",
    )
    listed = read_list(write_list(tmp_path, welsh))
    assert listed.problems == []
    assert listed.registrations[0].authority_gss is None
    assert listed.registrations[0].authority_as_written == "Cardiff"


@pytest.mark.parametrize("above", [0, 1, 3, 40])
def test_the_header_is_found_wherever_it_stands(tmp_path: Path, above: int) -> None:
    listed = read_list(write_list(tmp_path, home(), banner=["About this list"] * above))
    assert len(listed.registrations) == 1
    assert listed.as_at is None


def test_columns_may_stand_in_any_order_and_be_spelt_as_in_2024(tmp_path: Path) -> None:
    headings = [heading.strip().upper() for heading in HEADINGS][::-1]
    headings[headings.index("MULTI BUILDING CHILDREN'S HOME")] = "Multi-building children’s home"
    path = tmp_path / "list.csv"
    path.write_text(ofsted_csv([home()[::-1]], headings=headings), encoding="utf-8")
    assert read_list(path).registrations[0].owner == "Paper Heron Care Limited"


@pytest.mark.parametrize(
    ("title", "day"),
    [
        ("Provider level as at 31 March 2025", date(2025, 3, 31)),
        ("Data AS AT 1 september 2026, published later", date(2026, 9, 1)),
        ("Provider level as at 31 February 2025", None),
        ("Provider level, spring 2025", None),
    ],
)
def test_the_day_of_the_list_comes_from_its_banner(
    tmp_path: Path, title: str, day: date | None
) -> None:
    assert read_list(write_list(tmp_path, home(), banner=[title])).as_at == day


@pytest.mark.parametrize(
    ("heading", "value", "says"),
    [
        ("URN", "", "registration needs it"),
        ("URN", "REDACTED", "registration needs it"),
        ("URN", "12", "no URN"),
        ("URN", "XY123456", "no URN"),
        ("URN", "٣٣٣٣٣٣٣", "no URN"),
        ("Provision type", "", "registration needs it"),
        ("Provision type", "Moonbase", "none of"),
        ("Registration date", "", "registration needs it"),
        ("Registration date", "31/02/2020", "not a date"),
        ("Registration date", "25/06/20", "not a date"),
        ("Registration date", "06/25/2020", "not a date"),
        ("Registration date", "25/06/0020", "not a date"),
        ("Latest full inspection date", "last week", "not a date"),
        ("Registration status", "Pending", "none of"),
        ("Local authority", "", "registration needs it"),
        ("Local authority", "Narnia", "none of the 153"),
        ("Local authority", "Cardiff", "none of the 153"),
        ("Sector", "Piratical", "none of"),
        ("Places", "many", "whole number from 1 to 500"),
        ("Places", "-3", "whole number"),
        ("Places", "0", "whole number"),
        ("Places", "2.5", "whole number"),
        ("Places", "²", "whole number"),
        ("Places", "501", "whole number"),
        ("Places", "9" * 200, "whole number"),
        ("Short-break-only children's home", "sometimes", "neither empty nor a mark"),
        ("Name", "Wren\x07 House", "hidden control"),
        ("Name", "Wren \u202eesuoH", "hidden control"),
        ("Name", "Wren\u200bHouse", "hidden control"),
        ("Organisation which owns the provider", "x" * 301, "longer than 300"),
        (
            "Overall experiences and progress of children and young people",
            "Splendid",
            "none of",
        ),
    ],
)
def test_an_unusable_row_is_left_out_and_the_others_are_kept(
    tmp_path: Path, heading: str, value: str, says: str
) -> None:
    bad = home("9000002")
    bad[[title.strip() for title in HEADINGS].index(heading)] = value
    listed = read_list(write_list(tmp_path, home("9000001"), bad, home("9000003")))
    assert [one.urn for one in listed.registrations] == ["9000001", "9000003"]
    assert listed.read == 3
    problem = only_problem(listed)
    assert problem.column == heading
    assert says in problem.reason
    assert len(problem.value) <= 80
    assert not any(sign in problem.value for sign in "\x07\u202e\u200b")


def test_a_problem_names_the_line_of_the_file_on_which_its_row_begins(tmp_path: Path) -> None:
    above = home("9000001", Name="Button\nWren\r\nHouse")
    bad = home("9000002", Name="Copper\nLarch", Places="lots")
    path = write_list(tmp_path, above, bad)
    lines = path.read_bytes().decode("utf-8-sig").splitlines()
    listed = read_list(path)
    problem = only_problem(listed)
    assert "9000002" in lines[problem.line - 1]
    assert problem.line == 3 + 6 + 3 + 1  # banner, header with five breaks, first row, and then
    assert listed.registrations[0].name == "Button Wren House"


def test_blank_lines_are_not_rows_but_count_as_lines(tmp_path: Path) -> None:
    text = ofsted_csv([home("9000001"), [""] * len(HEADINGS), home("9000002", Places="lots")])
    path = tmp_path / "list.csv"
    path.write_text(text.replace("9000001", "9000001", 1) + "\r\n\r\n", encoding="utf-8")
    listed = read_list(path)
    assert listed.read == 2
    assert "9000002" in path.read_text(encoding="utf-8").splitlines()[only_problem(listed).line - 1]


def test_every_problem_of_a_row_is_told_at_once(tmp_path: Path) -> None:
    listed = read_list(write_list(tmp_path, home(), home("", Places="x", Sector="y")))
    assert {problem.column for problem in listed.problems} == {"URN", "Places", "Sector"}
    assert len({problem.line for problem in listed.problems}) == 1


def test_the_second_row_of_a_urn_is_left_out_and_names_the_first(tmp_path: Path) -> None:
    listed = read_list(write_list(tmp_path, home("SC900001"), home("sc900001", Places="9")))
    assert [one.places for one in listed.registrations] == [3]
    assert "already on line 10" in only_problem(listed).reason


def test_what_the_list_names_is_unknown_once_a_urn_cannot_be_read(tmp_path: Path) -> None:
    assert read_list(write_list(tmp_path, home(), home("?"))).urns is None
    unread = read_list(write_list(tmp_path, home(), home("9000002", Places="x")))
    assert unread.urns == frozenset({"9000001", "9000002"})


def test_a_row_with_too_few_columns_is_left_out(tmp_path: Path) -> None:
    listed = read_list(write_list(tmp_path, home("9000001"), home("9000002")[:12]))
    problem = only_problem(listed)
    assert problem.column == "The effectiveness of leaders and managers"
    assert "ends after 12 columns" in problem.reason


def test_a_row_shifted_by_a_comma_too_many_is_left_out(tmp_path: Path) -> None:
    shifted = home("9000002")
    shifted.insert(HEADINGS.index("Organisation which owns the provider"), "Heron")
    listed = read_list(write_list(tmp_path, home("9000001"), shifted))
    assert "comma too many" in only_problem(listed).reason


def test_rows_may_end_once_nothing_needed_follows(tmp_path: Path) -> None:
    listed = read_list(write_list(tmp_path, home()[:31]))
    assert len(listed.registrations) == 1


def test_an_inspection_that_was_not_judged_has_a_date_and_no_grade(tmp_path: Path) -> None:
    cells = home()
    overall = "\nOverall experiences and progress of children and young people"
    cells[HEADINGS.index(overall)] = "Not judged"
    one = read_list(write_list(tmp_path, cells)).registrations[0]
    assert one.overall is None
    assert one.inspected_on == date(2024, 11, 5)


def test_the_digest_is_of_the_bytes_that_were_read(tmp_path: Path) -> None:
    first = read_list(write_list(tmp_path, home())).sha256
    assert first == read_list(write_list(tmp_path, home())).sha256
    assert first != read_list(write_list(tmp_path, home(), banner=BANNER[:1])).sha256
    assert len(first) == 64


@pytest.mark.skipif(not REAL.exists(), reason="Ofsted's list of March 2025 is not on this machine")
def test_the_list_of_march_2025_is_read_whole() -> None:
    listed = read_list(REAL)
    homes = [one for one in listed.registrations if one.is_childrens_home]
    assert (listed.as_at, listed.read, listed.problems) == (date(2025, 3, 31), 5600, [])
    assert (len(homes), sum(one.places or 0 for one in homes)) == (4009, 15742)
    assert Counter(one.provision_type for one in homes) == {
        "Children's home": 3946,
        "Residential special school (registered as a children's home)": 49,
        "Secure children's home": 14,
    }
    assert all(one.authority_gss for one in homes)
    assert len({one.authority_gss for one in homes}) == 147
    outside = {one.authority_as_written for one in listed.registrations if not one.authority_gss}
    assert outside == {"Cardiff", "Conwy", "Newport", "Wrexham"}
    assert not any(one.name for one in homes)
