"""That reference data which is out of date, or does not agree, is told with what to do."""

from datetime import date
from importlib import resources
from pathlib import Path

import pytest
from sqlalchemy import Column, MetaData, String, Table, create_engine, insert

from directory.country.reference.check import check, codes_in
from directory.country.reference.derive import Derived
from tests.directory.command_line import at, hearth, make_consortium

TODAY = date(2026, 3, 2)
DERIVED = ("positions.csv", "postcode_districts.csv", "neighbours.csv", "outlines.csv")


@pytest.fixture(scope="module")
def committed() -> Derived:
    folder = resources.files("directory.country.reference")
    tables = {name: folder.joinpath(name).read_text("utf-8") for name in DERIVED}
    return Derived(tables, 2_720_556, frozenset())


def found(folder: Path, fresh: Derived, today: date = TODAY, **held: set[str]) -> list[str]:
    return [f"{one.wrong} {one.do}" for one in check(folder, held, today, fresh).findings]


def test_every_table_says_where_it_comes_from_and_under_which_licence(
    tmp_path: Path, committed: Derived
) -> None:
    tables = check(tmp_path, {}, TODAY, committed).tables
    readme = resources.files("directory.country.reference").joinpath("README.md").read_text("utf-8")
    for one in tables:
        assert one.source
        assert one.licence
        assert one.rows
    assert {one.as_at for one in tables} == {date(2025, 11, 30), None}
    assert "ONSPD November 2025" in readme


def test_what_is_up_to_date_needs_nothing(tmp_path: Path, committed: Derived) -> None:
    assert found(tmp_path, committed, registration={"E08000035", "E08000038", "W06000015"}) == []


def test_old_postcodes_are_told(tmp_path: Path, committed: Derived) -> None:
    [wrong] = found(tmp_path, committed, date(2027, 9, 1))
    assert "November 2025" in wrong
    assert "Upgrade the package" in wrong


def test_a_table_that_the_directory_no_longer_gives_is_told(
    tmp_path: Path, committed: Derived
) -> None:
    changed = committed.tables | {"positions.csv": "gss,easting,northing\n"}
    [wrong] = found(tmp_path, committed._replace(tables=changed))
    assert "make reference" in wrong


def test_a_code_of_the_directory_that_we_do_not_know_is_told(
    tmp_path: Path, committed: Derived
) -> None:
    [wrong] = found(tmp_path, committed._replace(unknown=frozenset({"E06000099"})))
    assert "E06000099" in wrong
    assert "authorities.csv" in wrong


def test_a_record_of_an_authority_that_is_no_more_is_told_with_its_name(
    tmp_path: Path, committed: Derived
) -> None:
    [wrong] = found(tmp_path, committed, home={"E08000035", "E10000006"})
    assert "home" in wrong
    assert "Cumbria until 31 March 2023" in wrong


def test_an_operator_s_file_that_cannot_be_read_is_told(tmp_path: Path, committed: Derived) -> None:
    (tmp_path / "neighbours.csv").write_text("gss,neighbour,change,why\nMars,Leeds,add,x\n")
    [wrong] = found(tmp_path, committed)
    assert "Line 2" in wrong


def test_an_authority_that_an_operator_leaves_without_a_neighbour_is_told(
    tmp_path: Path, committed: Derived
) -> None:
    lines = "gss,neighbour,change,why\nPlymouth,Devon,remove,x\n"
    (tmp_path / "neighbours.csv").write_text(lines)
    [wrong] = found(tmp_path, committed)
    assert "No island" in wrong
    assert "E06000026" in wrong


def test_bank_holidays_that_end_with_this_year_are_told(
    tmp_path: Path, committed: Derived, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.country.reference.check.last_year_known", lambda: 2026)
    [wrong] = found(tmp_path, committed)
    assert "until 2026 only" in wrong


def test_codes_are_looked_for_in_every_table_that_names_authorities() -> None:
    tables, engine = MetaData(), create_engine("sqlite://")
    notice = Table("notice", tables, Column("area_authority", String), Column("name", String))
    with engine.begin() as connection:
        tables.create_all(connection)
        connection.execute(insert(notice), [{"area_authority": code} for code in ("A", "A", None)])
        assert codes_in(connection, tables) == {"notice.area_authority": {"A"}}
    engine.dispose()


@pytest.mark.soak
def test_the_committed_tables_are_what_the_installed_directory_gives(tmp_path: Path) -> None:
    make_consortium(tmp_path)
    (tmp_path / "leeds/neighbours.csv").write_text("no table")
    ran = hearth("reference", "check", "--json", at(tmp_path, "leeds"))
    assert ran.status == 1
    assert "need doing" in ran.error
    wrong = {one["table"] for one in ran.answer["findings"]}
    grown_old = {"postcodes", "bank holidays"}  # which no test should wait for
    assert {"neighbours"} <= wrong <= {"neighbours", *grown_old}


def test_the_command_says_when_all_is_well_also_where_there_is_no_node(
    tmp_path: Path, committed: Derived, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("directory.cli.reference.derive", lambda: committed)
    monkeypatch.setattr("directory.cli.reference.london_day", lambda moment: TODAY)
    ran = hearth("reference", "check", f"--data-dir={tmp_path}")
    assert ran.status == 0
    assert "218" in ran.out
    assert "Everything is up to date." in ran.out
