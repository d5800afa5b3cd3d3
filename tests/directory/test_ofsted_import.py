"""What an import of Ofsted's list changes in the node, and what it never does."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, func, select

from directory.country.authorities.service import all_authorities
from directory.records.ofsted.errors import OlderList, UnreadableList
from directory.records.ofsted.models import list_import, registration
from directory.records.ofsted.reading import read_list
from directory.records.ofsted.registrations import OfstedList
from directory.records.ofsted.service import ImportResult, homes, import_list, listed_homes
from federation import open_database, writing
from tests.databases import Databases
from tests.directory.lists import home, write_list

pytestmark = pytest.mark.both_databases

REAL = Path(__file__).parents[3] / "shared/data/ofsted/provider_at_march_2025.csv"
KENT, ESSEX = "E10000016", "E10000012"
NOW = datetime(2025, 8, 1, 12, tzinfo=UTC)


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


def listed(folder: Path, *rows: list[str], day: str | None = "31 March 2025") -> OfstedList:
    banner = f"Provider level as at {day}" if day else "Provider level"
    return read_list(write_list(folder, *rows, banner=[banner]))


def take(
    connection: Connection,
    what: OfstedList,
    authorities: frozenset[str] | None = None,
    *,
    many_may_close: bool = True,
) -> ImportResult:
    return import_list(
        connection,
        what,
        file_name="list.csv",
        digest=what.sha256,
        now=NOW,
        authorities=authorities,
        many_may_close=many_may_close,
    )


def figures(result: ImportResult) -> tuple[int, int, int, int]:
    return result.joined, result.changed, result.unchanged, result.left


def test_a_first_import_keeps_every_registration(connection: Connection, tmp_path: Path) -> None:
    what = listed(tmp_path, home("9000002"), home("9000001"), home("9000003", Places="x"))
    result = take(connection, what)
    assert (result.read, result.usable, len(result.problems)) == (3, 2, 1)
    assert figures(result) == (2, 0, 0, 0)
    assert homes(connection, [KENT]) == sorted(what.registrations, key=lambda one: one.urn)


def test_the_same_list_again_changes_nothing(connection: Connection, tmp_path: Path) -> None:
    what = listed(tmp_path, home("9000001"), home("9000002"))
    take(connection, what)
    before = connection.execute(select(registration)).all()
    assert figures(take(connection, what)) == (0, 0, 2, 0)
    assert connection.execute(select(registration)).all() == before


def test_a_later_list_corrects_what_it_names(connection: Connection, tmp_path: Path) -> None:
    take(connection, listed(tmp_path, home("9000001"), home("9000002"), day="31 March 2024"))
    later = listed(tmp_path, home("9000001", Places="5"), home("9000002"), home("9000003"))
    assert figures(take(connection, later)) == (1, 1, 1, 0)
    assert [one.places for one in homes(connection, [KENT])] == [5, 3, 3]


def test_a_home_that_a_later_list_leaves_out_is_kept_but_no_longer_a_home_here(
    connection: Connection, tmp_path: Path
) -> None:
    take(connection, listed(tmp_path, home("9000001"), home("9000002"), day="31 March 2024"))
    later = listed(tmp_path, home("9000001"))
    assert figures(take(connection, later)) == (0, 0, 1, 1)
    assert figures(take(connection, later)) == (0, 0, 1, 0)
    assert [one.urn for one in homes(connection, [KENT])] == ["9000001"]
    kept = select(registration.c.left_as_at).where(registration.c.urn == "9000002")
    assert connection.scalar(kept) == date(2025, 3, 31)


def test_a_home_that_returns_to_the_list_is_a_home_again(
    connection: Connection, tmp_path: Path
) -> None:
    take(connection, listed(tmp_path, home("9000001"), home("9000002"), day="31 March 2023"))
    take(connection, listed(tmp_path, home("9000001"), day="31 March 2024"))
    back = listed(tmp_path, home("9000001"), home("9000002"), day="31 March 2025")
    assert figures(take(connection, back)) == (0, 1, 1, 0)
    assert len(homes(connection, [KENT])) == 2


OTHER = home("9000004")
ELSEWHERE = home("9000005", Local_authority="Essex")


@pytest.mark.parametrize(
    ("rows", "day"),
    [
        ([OTHER, home("9000002", Places="x")], "31 March 2025"),  # named, though not readable
        ([OTHER, home("?")], "31 March 2025"),  # may be the one that is missing
        ([OTHER], None),
        ([OTHER], "31 March 2024"),  # a second list of the same day
        ([ELSEWHERE], "31 March 2025"),
    ],
)
def test_nobody_leaves_unless_a_later_list_of_the_area_clearly_leaves_them_out(
    connection: Connection, tmp_path: Path, rows: list[list[str]], day: str | None
) -> None:
    take(connection, listed(tmp_path, home("9000002"), day="31 March 2024"))
    assert take(connection, listed(tmp_path, *rows, day=day)).left == 0
    assert "9000002" in {one.urn for one in homes(connection, [KENT])}


def test_an_older_list_is_refused_and_changes_nothing(
    connection: Connection, tmp_path: Path
) -> None:
    take(connection, listed(tmp_path, home("9000001", Places="5")))
    older = listed(tmp_path, home("9000001"), day="31 March 2024")
    with pytest.raises(OlderList, match=r"31 March 2024.*31 March 2025.*latest list"):
        take(connection, older)
    assert homes(connection, [KENT])[0].places == 5
    assert connection.scalar(select(func.count()).select_from(list_import)) == 1


def test_a_broken_file_changes_nothing(connection: Connection, tmp_path: Path) -> None:
    take(connection, listed(tmp_path, home("9000001")))
    before = connection.execute(select(registration)).all()
    broken = tmp_path / "broken.csv"
    broken.write_bytes((tmp_path / "list.csv").read_bytes()[:400])
    with pytest.raises(UnreadableList):
        take(connection, read_list(broken))
    assert connection.execute(select(registration)).all() == before


def test_the_transaction_belongs_to_the_caller(engine: Engine, tmp_path: Path) -> None:
    with engine.connect() as connection:
        take(connection, listed(tmp_path, home("9000001")))
        connection.rollback()
        assert homes(connection, [KENT]) == []
        assert connection.scalar(select(func.count()).select_from(list_import)) == 0


def test_a_node_keeps_only_the_authorities_that_it_serves(
    connection: Connection, tmp_path: Path
) -> None:
    what = listed(
        tmp_path,
        home("9000001"),
        home("9000002", Local_authority="Essex"),
        home("9000003", Provision_type="Boarding School", Local_authority="Cardiff"),
    )
    result = take(connection, what, frozenset({KENT}))
    assert (result.usable, figures(result)) == (3, (1, 0, 0, 0))
    assert homes(connection, [KENT, ESSEX]) == what.registrations[:1]


def test_a_home_that_moved_away_no_longer_stands_where_it_stood(
    connection: Connection, tmp_path: Path
) -> None:
    take(connection, listed(tmp_path, home("9000001"), day="31 March 2024"), frozenset({KENT}))
    moved = listed(tmp_path, home("9000001", Local_authority="Essex"), home("9000002"))
    assert figures(take(connection, moved, frozenset({KENT}))) == (1, 1, 0, 0)
    assert [one.urn for one in homes(connection, [KENT])] == ["9000002"]


def test_only_homes_of_the_authorities_asked_for_are_given_by_urn(
    connection: Connection, tmp_path: Path
) -> None:
    rows = [
        home("SC900001", Provision_type="Secure children's home"),
        home("9000003", Local_authority="Essex"),
        home("9000002", Provision_type="Supported Accommodation"),
        home("9000001", Provision_type="Children's Home"),
    ]
    take(connection, listed(tmp_path, *rows))
    assert [one.urn for one in homes(connection, {KENT})] == ["9000001", "SC900001"]
    assert [one.urn for one in homes(connection, [ESSEX, KENT])] == [
        "9000001",
        "9000003",
        "SC900001",
    ]
    assert homes(connection, []) == []


def test_a_home_comes_with_the_day_of_the_newest_list_that_names_it(
    connection: Connection, tmp_path: Path
) -> None:
    take(connection, listed(tmp_path, home(), day=None))
    assert listed_homes(connection, [KENT])[0].as_at == date(2020, 6, 25)  # of its registration
    for day in ("31 March 2024", "31 March 2025", None):
        take(connection, listed(tmp_path, home(), day=day))
    found = listed_homes(connection, [KENT])
    assert [one.as_at for one in found] == [date(2025, 3, 31)]
    assert [one.registration for one in found] == homes(connection, [KENT])


def test_every_import_is_recorded_with_its_figures_in_utc(
    connection: Connection, tmp_path: Path
) -> None:
    what = listed(tmp_path, home("9000001"), home("9000002", Places="x"))
    summer = NOW.astimezone(timezone(timedelta(hours=1)))
    import_list(connection, what, file_name="x" * 999, digest="ab" * 32, now=summer)
    row = connection.execute(select(list_import)).one()
    assert (row.file_name, row.sha256, row.as_at) == ("x" * 255, "ab" * 32, date(2025, 3, 31))
    assert row.imported_at.replace(tzinfo=UTC) == NOW
    assert (row.read, row.usable, row.joined, row.problems) == (2, 1, 1, 1)
    assert (row.changed, row.unchanged, row.left) == (0, 0, 0)


def test_a_time_without_a_zone_is_refused(connection: Connection, tmp_path: Path) -> None:
    what = listed(tmp_path, home())
    with pytest.raises(ValueError, match="time zone"):
        import_list(connection, what, file_name="x", digest="x", now=NOW.replace(tzinfo=None))


@pytest.mark.skipif(not REAL.exists(), reason="Ofsted's list of March 2025 is not on this machine")
def test_the_list_of_march_2025_is_kept_whole_within_two_seconds(connection: Connection) -> None:
    what = read_list(REAL)
    start = time.process_time()
    result = take(connection, what)
    assert time.process_time() - start < 2
    assert (result.read, result.joined) == (5600, 5600)
    assert figures(take(connection, what)) == (0, 0, 5600, 0)
    kept = homes(connection, [one.gss for one in all_authorities()])
    assert (len(kept), sum(one.places or 0 for one in kept)) == (4009, 15742)
    assert len(homes(connection, ["E10000017"])) == 333
