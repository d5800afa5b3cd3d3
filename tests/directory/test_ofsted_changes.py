"""What a newer list changes is listed one by one; what may be half a list is asked about first."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, select

from directory.records.ofsted.errors import ManyWouldClose
from directory.records.ofsted.models import list_import
from directory.records.ofsted.reading import read_list
from directory.records.ofsted.service import ImportResult, homes, import_list
from federation import open_database, writing
from tests.databases import Databases
from tests.directory.lists import home, write_list

pytestmark = pytest.mark.both_databases

OFSTED = Path(__file__).parents[3] / "shared/data/ofsted"
BOTH_YEARS = [OFSTED / f"provider_at_march_{year}.csv" for year in (2024, 2025)]
KENT = "E10000016"
NOW = datetime(2025, 8, 1, 12, tzinfo=UTC)
OWNER = "Organisation_which_owns_the_provider"
OVERALL = "Overall_experiences_and_progress_of_children_and_young_people"


@pytest.fixture
def engine(tmp_path: Path, database: Databases) -> Iterator[Engine]:
    database.settle(tmp_path)
    engine = open_database(tmp_path, "node")
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with writing(engine) as connection:
        yield connection


def take(
    connection: Connection, folder: Path, year: int, *rows: Sequence[str], yes: bool = True
) -> ImportResult:
    banner = [f"Provider level as at 31 March {year}"]
    listed = read_list(write_list(folder, *rows, banner=banner))
    return import_list(
        connection,
        listed,
        file_name="list.csv",
        digest=listed.sha256,
        now=NOW,
        many_may_close=yes,
    )


def told(result: ImportResult) -> dict[str, object]:
    """The kinds of change that happened, each as (before, after)."""
    return {
        kind: [(one["before"], one["after"]) if isinstance(one, dict) else one for one in found]
        for kind, found in asdict(result.changes).items()
        if found
    }


def test_every_kind_of_change_is_listed_with_what_was_and_what_is(
    connection: Connection, tmp_path: Path
) -> None:
    take(connection, tmp_path, 2024, *(home(f"900000{one}") for one in range(1, 8)))
    result = take(
        connection,
        tmp_path,
        2025,
        home("9000001", Local_authority="Essex"),
        home("9000002", **{OWNER: "Copper Larch Care"}),
        home("9000003", Places="7"),
        home("9000004", **{OVERALL: "Inadequate"}),
        home("9000005", Registration_status="Suspended"),
        home("9000006"),
        home("9000008"),
    )
    assert told(result) == {
        "joined": ["9000008"],
        "left": ["9000007"],
        "moves": [("Kent", "Essex")],
        "owner": [("Paper Heron Care Limited", "Copper Larch Care")],
        "places": [(3, 7)],
        "judgement": [("Good", "Inadequate")],
        "status": [("Active", "Suspended")],
    }
    assert result.changes.moves[0].urn == "9000001"
    assert (result.joined, result.changed, result.unchanged, result.left) == (1, 5, 1, 1)


def test_an_owner_that_is_only_spelt_otherwise_is_marked(
    connection: Connection, tmp_path: Path
) -> None:
    take(connection, tmp_path, 2024, home("9000001"), home("9000002"))
    other, same = {OWNER: "Paper Heron Ltd"}, {OWNER: "PAPER HERON CARE LTD."}
    result = take(connection, tmp_path, 2025, home("9000001", **other), home("9000002", **same))
    assert [one.spelling_only for one in result.changes.owner] == [False, True]


def test_other_words_for_the_same_authority_or_grade_are_no_change(
    connection: Connection, tmp_path: Path
) -> None:
    old = {OVERALL: "Requires improvement", "Local_authority": "Bristol"}
    new = {OVERALL: "Requires improvement to be good", "Local_authority": "Bristol, City of"}
    take(connection, tmp_path, 2024, home(**old))
    assert told(take(connection, tmp_path, 2025, home(**new))) == {}


def test_a_grade_without_a_place_on_todays_scale_is_compared_by_its_words(
    connection: Connection, tmp_path: Path
) -> None:
    take(connection, tmp_path, 2024, home(**{OVERALL: "Adequate"}))
    result = take(connection, tmp_path, 2025, home(**{OVERALL: "Good"}))
    assert told(result) == {"judgement": [("Adequate", "Good")]}


def test_a_home_whose_authority_was_divided_has_not_moved(
    connection: Connection, tmp_path: Path
) -> None:
    rows = [home("9000001", Local_authority="Cumbria"), home("9000002", Local_authority="Cumbria")]
    take(connection, tmp_path, 2022, *rows)
    after = [
        home("9000001", Local_authority="Cumberland"),
        home("9000002", Local_authority="Kent"),
    ]
    result = take(connection, tmp_path, 2024, *after)
    assert told(result) == {
        "reorganised": [("Cumbria", "Cumberland")],
        "moves": [("Cumbria", "Kent")],
    }


def test_a_home_of_a_former_authority_leaves_when_a_successor_is_listed_without_it(
    connection: Connection, tmp_path: Path
) -> None:
    take(connection, tmp_path, 2022, home("9000001", Local_authority="Cumbria"))
    assert take(connection, tmp_path, 2023, home("9000002")).left == 0
    beside = home("9000003", Local_authority="Westmorland and Furness")
    assert take(connection, tmp_path, 2024, home("9000002"), beside).changes.left == ["9000001"]


def test_what_a_list_has_no_column_for_stays_as_it_was(
    connection: Connection, tmp_path: Path
) -> None:
    take(connection, tmp_path, 2024, home())
    path = write_list(tmp_path, home(), banner=["as at 31 March 2025"])
    text = path.read_text(encoding="utf-8-sig")
    path.write_text(text.replace("Organisation which owns", "Nobody owns"), encoding="utf-8")
    listed = read_list(path)
    result = import_list(connection, listed, file_name="x", digest="x", now=NOW)
    assert result.silent == ("Organisation which owns the provider",)
    assert (result.changed, result.unchanged) == (0, 1)
    assert homes(connection, [KENT])[0].owner == "Paper Heron Care Limited"


def test_figures_are_given_for_each_kind_of_provision(
    connection: Connection, tmp_path: Path
) -> None:
    school = {"Provision_type": "Boarding School"}
    take(connection, tmp_path, 2024, home("9000001"), home("9000002", **school))
    result = take(connection, tmp_path, 2025, home("9000001"), home("9000003", **school))
    kinds = {kind: asdict(tally) for kind, tally in result.by_provision_type.items()}
    assert kinds == {
        "Boarding School": {"read": 1, "joined": 1, "changed": 0, "unchanged": 0, "left": 1},
        "Children's home": {"read": 1, "joined": 0, "changed": 0, "unchanged": 1, "left": 0},
    }


def test_a_list_that_would_close_more_than_one_home_in_twenty_is_asked_about(
    connection: Connection, tmp_path: Path
) -> None:
    before = [home(str(9000000 + one)) for one in range(40)]
    take(connection, tmp_path, 2024, *before)
    with pytest.raises(ManyWouldClose, match=r"3 of the 40 .*Nothing was changed.*--yes"):
        take(connection, tmp_path, 2025, *before[3:], yes=False)
    assert len(homes(connection, [KENT])) == 40
    assert take(connection, tmp_path, 2025, *before[2:], yes=False).left == 2


def test_other_provision_closes_without_being_asked(connection: Connection, tmp_path: Path) -> None:
    school = home("9000002", Provision_type="Boarding School")
    take(connection, tmp_path, 2024, home("9000001"), school)
    assert take(connection, tmp_path, 2025, home("9000001"), yes=False).left == 1


@pytest.mark.skipif(
    not all(path.exists() for path in BOTH_YEARS), reason="Ofsted's lists are not on this machine"
)
def test_the_lists_of_2024_and_2025_give_what_the_files_themselves_say(
    connection: Connection,
) -> None:
    results = []
    for path in [*BOTH_YEARS, BOTH_YEARS[1]]:
        listed = read_list(path)
        results.append(import_list(connection, listed, file_name="x", digest="x", now=NOW))
    _first, second, again = results
    old, new = raw(BOTH_YEARS[0], "mac_roman"), raw(BOTH_YEARS[1], "utf-8-sig")
    both = old.keys() & new.keys()

    def differing(column: str) -> set[str]:
        return {urn for urn in both if old[urn][column] != new[urn][column]}

    changes = second.changes
    assert set(changes.joined) == new.keys() - old.keys()
    assert set(changes.left) == old.keys() - new.keys()
    assert {one.urn for one in changes.moves} == differing("Local authority")
    assert {one.urn for one in changes.places} == differing("Places")
    overall = "Overall experiences and progress of children and young people"
    assert {one.urn for one in changes.judgement} == differing(overall)
    assert {one.urn for one in changes.owner} == differing("Organisation which owns the provider")
    assert (second.joined, second.left, len(changes.moves)) == (1907, 183, 19)
    assert (again.joined, again.changed, again.left, again.unchanged) == (0, 0, 0, 5600)
    assert second.by_provision_type["Children's home"].left == 142


def raw(path: Path, encoding: str) -> dict[str, dict[str, str]]:
    """The cells of a list by URN and heading, read without this software."""
    with path.open(encoding=encoding, newline="") as lines:
        rows = list(csv.reader(lines))
    titles = [" ".join(title.split()) for title in rows[3]]
    tidy = ([" ".join(cell.split()) for cell in row] for row in rows[4:])
    read = (dict(zip(titles, row, strict=True)) for row in tidy)
    return {row["URN"]: row for row in read}


def test_nothing_is_recorded_of_an_import_that_was_stopped(
    connection: Connection, tmp_path: Path
) -> None:
    take(connection, tmp_path, 2024, home("9000001"))
    with pytest.raises(ManyWouldClose):
        take(connection, tmp_path, 2025, home("9000002"), yes=False)
    assert connection.scalar(select(func.count()).select_from(list_import)) == 1
