"""Lists since 2015 are read without being told the year: by what their words and bytes say."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from directory.country.authorities.former import find_former, former_authorities, former_named
from directory.country.authorities.service import by_gss, find
from directory.records.ofsted.encoding import survey
from directory.records.ofsted.errors import UnreadableList
from directory.records.ofsted.reading import read_list
from directory.records.ofsted.registrations import OfstedList
from tests.directory.lists import HEADINGS, home, ofsted_csv, write_list

REAL_2024 = Path(__file__).parents[3] / "shared/data/ofsted/provider_at_march_2024.csv"

# --- Encodings ----------------------------------------------------------------------------------

NAMES = [
    *("Children’s Home", "Provider level – as at", "2024–25", "D’Arcy House", "O’Neill Care"),
    *("Café Rouge", "CAFÉ HOUSE", "St Thérèse", "École House", "Müller Care", "Zoë House"),
    *("Peña Care", "García Homes", "François", "Côte House", "Bjørn House", "Siân Care"),
    *("‘Sunrise’ Homes", "“Sunrise” Homes", "Père House", "Château", "Providers’ list"),
    *("the “good”, the bad", "Andréa’s Place", "Wales — England", "home\N{NO-BREAK SPACE}list"),
]


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman", "utf-8", "utf-8-sig"])
@pytest.mark.parametrize("name", NAMES)
def test_one_word_is_enough_to_tell_the_encodings_apart(
    tmp_path: Path, name: str, encoding: str
) -> None:
    path = tmp_path / "list.csv"
    text = ofsted_csv([home(Organisation_which_owns_the_provider=name)], banner=["as at"])
    path.write_bytes(text.encode(encoding))
    assert read_list(path).registrations[0].owner == " ".join(name.split())


def test_a_word_is_seen_across_the_edge_of_a_block(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list.csv"
    for block in range(1, 9):
        monkeypatch.setattr("directory.records.ofsted.encoding._BLOCK", block)
        for encoding in ("cp1252", "mac_roman", "utf-8-sig"):
            path.write_bytes("the Children’s Home – Café\r\n".encode(encoding))
            found = survey(path, "list.csv", 1000).encoding
            assert found == ("utf-8-sig" if encoding.startswith("utf") else encoding)


@pytest.mark.parametrize(
    "content", [b"BRONT\xcb HOUSE", b"na\xd0\xd5\xcave \x81", b"caf\xc3\xa9 \xe2\x80 \xff\xfe\xfd"]
)
def test_bytes_that_make_no_sense_or_two_senses_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content + b"\r\n")
    with pytest.raises(UnreadableList, match="make no sense"):
        survey(path, "list.csv", 1000)


@pytest.mark.skipif(not REAL_2024.exists(), reason="Ofsted's list of 2024 is not on this machine")
def test_the_list_of_march_2024_is_mac_roman_and_is_read_whole() -> None:
    listed = read_list(REAL_2024)
    assert survey(REAL_2024, "list", 10_000_000).encoding == "mac_roman"
    assert (listed.as_at, listed.read, listed.problems) == (date(2024, 3, 31), 3876, [])
    assert sum(one.is_childrens_home for one in listed.registrations) == 3219


# --- Headings -----------------------------------------------------------------------------------

# In the layout of 2018: a row above says what groups of columns are about.
GROUPS_2018 = ["Provider information", *[""] * 10, "Latest Full Inspection", *[""] * 7]
HEADINGS_2018 = [
    *("URN", "Provision type", "Registration status", "Name", "Ofsted Region"),
    *("Government Office Region", "Local authority", "Sector", "Places", "Linked education URN"),
    *("Postcode", "Event type", "Inspection date", "Publication date", "Event number"),
    *("Overall effectiveness", "Quality of care", "Safeguarding children and young people"),
    *("Leadership and management",),
]
HOME_2018 = [
    *("SC900001", "Children's home", "Active", "REDACTED", "South East", "South East", "Kent"),
    *("Private", "4", "", "REDACTED", "Full inspection", "18/05/2017", "08/06/2017", "1234"),
    *("Requires improvement", "Good", "Good", "Adequate"),
]


def saved(path: Path, *rows: Sequence[str]) -> Path:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    path.write_text(text.getvalue(), encoding="utf-8-sig", newline="")
    return path


def test_the_layout_of_2018_is_read_and_says_what_it_does_not_say(tmp_path: Path) -> None:
    path = tmp_path / "Providers as at 2018-03-31.csv"
    listed = read_list(saved(path, GROUPS_2018, HEADINGS_2018, HOME_2018))
    one = listed.registrations[0]
    assert listed.as_at == date(2018, 3, 31)
    assert (one.overall, one.protection, one.leadership) == (
        "Requires improvement to be good",
        "Good",
        None,
    )
    assert one.grades_as_written == "overall: Requires improvement; leadership: Adequate"
    assert (one.registered_on, one.owner, one.places) == (None, None, 4)
    assert one.inspected_on == date(2017, 5, 18)
    assert listed.silent == {
        *("registered_on", "owner", "education", "health", "short_breaks_only", "multi_building"),
    }


def test_of_two_groups_with_the_same_headings_the_latest_inspection_counts(tmp_path: Path) -> None:
    previous = HEADINGS_2018[11:]
    groups = [*GROUPS_2018[:11], "Previous full inspection", *[""] * 7, *GROUPS_2018[11:]]
    before = ["Full inspection", "1/1/2010", "2/1/2010", "1", *["Inadequate"] * 4]
    row = [*HOME_2018[:11], *before, *HOME_2018[11:]]
    headings = [*HEADINGS_2018[:11], *previous, *previous]
    listed = read_list(saved(tmp_path / "list.csv", groups, headings, row))
    assert listed.registrations[0].inspected_on == date(2017, 5, 18)
    with pytest.raises(UnreadableList, match="more than one column called “Event type”"):
        read_list(saved(tmp_path / "list.csv", headings, row))


@pytest.mark.parametrize(
    ("instead", "of"),
    [
        ("Unique reference number", "URN"),
        ("Provider type", "Provision type"),
        ("Max users", "Places"),
        ("Date of inspection", "Inspection date"),
        ("Overall judgement", "Overall effectiveness"),
        ("The impact and effectiveness of leaders and managers", "Leadership and management"),
    ],
)
def test_other_headings_for_the_same_are_known(tmp_path: Path, instead: str, of: str) -> None:
    headings = [instead if heading == of else heading for heading in HEADINGS_2018]
    told = read_list(saved(tmp_path / "list.csv", headings, HOME_2018))
    plain = read_list(saved(tmp_path / "list.csv", HEADINGS_2018, HOME_2018))
    assert (told.registrations, told.silent) == (plain.registrations, plain.silent)


def test_rows_may_end_with_empty_columns_that_the_header_does_not_have(tmp_path: Path) -> None:
    rows = [[*HOME_2018, "", "", ""], ["SC900002", *HOME_2018[1:], "", "", ""]]
    listed = read_list(saved(tmp_path / "list.csv", HEADINGS_2018, *rows))
    assert (len(listed.registrations), listed.problems) == (2, [])


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("provider_at_march_2025", date(2025, 3, 31)),
        ("Provider_level_at_31_Aug_2023", date(2023, 8, 31)),
        ("as at 30th September 2016", date(2016, 9, 30)),
        ("list-2019-03-31-final", date(2019, 3, 31)),
        ("list-2019-02-31", None),
        ("april 1999", None),
        ("list", None),
    ],
)
def test_the_day_may_stand_in_the_name_of_the_file(
    tmp_path: Path, name: str, day: date | None
) -> None:
    path = saved(tmp_path / f"{name}.csv", HEADINGS_2018, HOME_2018)
    assert read_list(path).as_at == day


# --- Grades -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "grade", "kept"),
    [
        ("Outstanding", "Outstanding", None),
        ("good", "Good", None),
        ("Requires improvement to be good", "Requires improvement to be good", None),
        ("Requires Improvement", "Requires improvement to be good", "Requires Improvement"),
        ("Inadequate", "Inadequate", None),
        ("Adequate", None, "Adequate"),
        ("Satisfactory", None, "Satisfactory"),
        ("Sustained effectiveness", None, "Sustained effectiveness"),
        ("3", None, "3"),
        ("Not judged", None, None),
    ],
)
def test_an_older_grade_keeps_its_words(
    tmp_path: Path, written: str, grade: str | None, kept: str | None
) -> None:
    overall = {"Overall_experiences_and_progress_of_children_and_young_people": written}
    one = read_list(write_list(tmp_path, home(**overall))).registrations[0]
    assert (one.overall, one.grades_as_written) == (grade, kept and f"overall: {kept}")


# --- Cells --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ('=HYPERLINK("http://x","y")', "formula"),
        (" =1+1", "formula"),
        ("<script>alert(1)</script>", "HTML"),
        ("Wren <b>House</b>", "HTML"),
        ("<img src=x onerror=alert(1)", "HTML"),
        ("<!-- x -->", "HTML"),
    ],
)
@pytest.mark.parametrize("heading", [one.strip() for one in HEADINGS[13:17] if one])
def test_formulas_and_html_are_left_out_in_any_field(
    tmp_path: Path, heading: str, value: str, says: str
) -> None:
    if heading == "Parliamentary constituency":
        heading = "Organisation which owns the provider"
    bad = home("9000002")
    bad[[title.strip() for title in HEADINGS].index(heading)] = value
    listed = read_list(write_list(tmp_path, home("9000001"), bad))
    assert [one.urn for one in listed.registrations] == ["9000001"]
    assert says in listed.problems[0].reason


@pytest.mark.parametrize("name", ["@Home Care Ltd", "A < B Care", "+Plus Care", "3 > 2 Ltd"])
def test_names_that_only_look_like_it_are_kept(tmp_path: Path, name: str) -> None:
    path = write_list(tmp_path, home(Organisation_which_owns_the_provider=name))
    assert read_list(path).registrations[0].owner == name


def test_a_list_with_the_address_of_a_home_is_not_taken_for_the_published_one(
    tmp_path: Path,
) -> None:
    rows = [home("9000001"), home("9000002", Postcode="ZZ1 1ZZ")]
    with pytest.raises(UnreadableList, match=r"address of a children's home.*nothing was kept"):
        read_list(write_list(tmp_path, *rows))
    school = home("9000002", Postcode="ZZ1 1ZZ", Provision_type="Boarding School")
    assert len(read_list(write_list(tmp_path, school)).registrations) == 1


# --- Authorities that are no more ----------------------------------------------------------------


def placed(folder: Path, authority: str, day: str) -> OfstedList:
    rows = [home(Local_authority=authority)]
    return read_list(write_list(folder, *rows, banner=[f"Provider level as at {day}"]))


@pytest.mark.parametrize(
    ("authority", "day", "gss"),
    [
        ("Cumbria", "31 March 2022", None),
        ("Cumbria County Council", "31 March 2023", None),
        ("Northamptonshire", "31 March 2018", None),
        ("Bournemouth", "31 March 2018", None),
        ("Poole", "31 March 2019", None),
        ("Dorset", "31 March 2019", None),
        ("Dorset", "1 April 2019", "E06000059"),
        ("Buckinghamshire", "31 March 2019", "E06000060"),
        ("North Yorkshire", "31 March 2018", "E06000065"),
        ("Cumberland", "31 March 2024", "E06000063"),
    ],
)
def test_a_former_authority_is_known_by_name_and_date_and_placed_nowhere_today(
    tmp_path: Path, authority: str, day: str, gss: str | None
) -> None:
    listed = placed(tmp_path, authority, day)
    assert listed.problems == []
    one = listed.registrations[0]
    assert (one.authority_as_written, one.authority_gss) == (authority, gss)


def test_every_former_authority_has_successors_of_today_and_a_day() -> None:
    assert len(former_authorities()) == 5
    for one in former_authorities():
        assert all(by_gss(gss).gss == gss for gss in one.successors)
        assert find(one.gss) is None
        assert former_named(one.name) == one
        assert find_former(one.name, one.until) == one


def test_a_name_that_nobody_bears_any_more_is_a_former_one_on_every_day() -> None:
    assert find_former("Cumbria", None) == former_named("Cumbria County Council")
    assert find_former("Cumbria", date(2025, 3, 31)) == former_named("Cumbria")
    assert find_former("Dorset", None) is None
    assert find_former("Kent", date(2015, 3, 31)) is None
