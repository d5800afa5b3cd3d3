"""Both databases as a node uses them: what is committed lasts, one at a time, times keep zones."""

import stat
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import (
    Column,
    Engine,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    delete,
    event,
    insert,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError, StatementError

from directory.database import migrate
from federation import Utc, forget_deleted, hold, open_database, reading, writing
from federation.database import Name
from federation.statements import in_parts
from tests.databases import Databases

pytestmark = pytest.mark.both_databases
METADATA = MetaData()
thing = Table("thing", METADATA, Column("id", Integer, primary_key=True), Column("at", Utc))
NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def engine(tmp_path: Path, database: Databases) -> Iterator[Engine]:
    database.settle(tmp_path)
    engine = open_database(tmp_path, "node")
    with writing(engine) as connection:
        METADATA.create_all(connection)
    yield engine
    engine.dispose()


def ids(engine: Engine) -> list[int]:
    with reading(engine) as connection:
        return list(connection.scalars(select(thing.c.id).order_by(thing.c.id)))


@pytest.mark.parametrize(("name", "synchronous"), [("node", 2), ("replica", 1)])
def test_what_exists_nowhere_else_waits_for_the_disk(
    tmp_path: Path, name: Name, synchronous: int
) -> None:
    engine = open_database(tmp_path, name)
    with reading(engine) as connection:
        assert connection.scalar(text("PRAGMA synchronous")) == synchronous
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA secure_delete")) == 1
    engine.dispose()
    assert stat.S_IMODE((tmp_path / f"{name}.db").stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["100 %", "a?b=c", "a#b", "a;b", "O'Hara", "\N{SNOWMAN}", "%41"])
def test_a_folder_may_have_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    migrate(tmp_path / name)
    assert {file.name for file in (tmp_path / name).iterdir()} == {"keys", "node.db", "replica.db"}
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_threads_of_one_process_stand_in_line_to_write(engine: Engine, database: Databases) -> None:
    """SQLite is told not to wait, so that nobody gets in who has not waited for the others."""
    if database.kind == "sqlite":
        event.listen(engine, "checkout", lambda one, *_: one.execute("PRAGMA busy_timeout = 0"))

    def write(first: int) -> None:
        for number in range(first, first + 10):
            with writing(engine) as connection:
                connection.execute(insert(thing).values(id=number))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(0, 80, 10)))
    assert ids(engine) == list(range(80))


def test_any_error_takes_back_all_of_a_transaction(engine: Engine) -> None:
    with pytest.raises(IntegrityError), writing(engine) as connection:  # noqa: PT012
        connection.execute(insert(thing).values(id=1))
        connection.execute(insert(thing).values(id=2))
        connection.execute(insert(thing).values(id=2))
    assert ids(engine) == []


def test_a_reader_sees_one_state_throughout(engine: Engine) -> None:
    with reading(engine) as connection:
        assert connection.scalar(select(thing.c.id)) is None
        with writing(engine) as other:
            other.execute(insert(thing).values(id=1))
        assert connection.scalar(select(thing.c.id)) is None
    assert ids(engine) == [1]


def test_one_holds_a_lock_at_a_time_and_the_others_wait_their_turn(engine: Engine) -> None:
    def count_up() -> None:
        for _ in range(25):
            with writing(engine) as connection:
                hold(connection, "counting")
                most = max(connection.scalars(select(thing.c.id)), default=0)
                connection.execute(insert(thing).values(id=most + 1))

    threads = [threading.Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ids(engine) == list(range(1, 101))


@pytest.mark.parametrize("zone", [UTC, timezone(timedelta(hours=1)), timezone(timedelta(hours=-5))])
def test_a_time_comes_back_as_the_same_instant_in_utc(engine: Engine, zone: timezone) -> None:
    with writing(engine) as connection:
        connection.execute(insert(thing).values(id=1, at=NOON.astimezone(zone)))
    with reading(engine) as connection:
        at = connection.scalar(select(thing.c.at))
    assert at == NOON
    assert at is not None
    assert at.tzinfo is UTC


def test_a_time_without_its_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(StatementError, match="without its zone"), writing(engine) as connection:
        connection.execute(insert(thing).values(id=1, at=NOON.replace(tzinfo=None)))


def test_no_value_of_a_statement_stands_in_its_error(engine: Engine) -> None:
    with pytest.raises(IntegrityError) as failed, writing(engine) as connection:  # noqa: PT012
        connection.execute(insert(thing).values(id=77_777))
        connection.execute(insert(thing).values(id=77_777))
    assert "77777" not in str(failed.value)


def test_many_values_come_in_parts_that_a_statement_takes() -> None:
    parts = list(in_parts(range(25_000)))
    assert [len(part) for part in parts] == [10_000, 10_000, 5_000]
    assert [value for part in parts for value in part] == list(range(25_000))
    assert list(in_parts([])) == []


def test_what_was_deleted_is_in_no_page_of_the_files_though_rows_were_moved(
    engine: Engine, tmp_path: Path, database: Databases
) -> None:
    words = Table("words", MetaData(), Column("id", Integer, primary_key=True), Column("w", Text))
    Index("words_w", words.c.w)
    dice = Random(3)
    marks = {number: "".join(dice.choices("bcdfghjklm", k=20)) for number in range(2000)}
    with writing(engine) as connection:
        words.metadata.create_all(connection)
    ids = dice.sample(range(2000), 2000)  # in no order: SQLite has to move rows to make room
    for at in range(0, 2000, 50):
        rows = [
            {"id": one, "w": f"{'n' * dice.randrange(30)} {marks[one]} {'q' * dice.randrange(80)}"}
            for one in ids[at : at + 50]
        ]
        with writing(engine) as connection:
            connection.execute(insert(words), rows)
    gone = set(dice.sample(ids, 1000))
    with writing(engine) as connection:
        connection.execute(delete(words).where(words.c.id.in_(gone)))
    assert forget_deleted(engine)
    held = b"".join(path.read_bytes() for path in database.raw(tmp_path))
    assert {one for one, mark in marks.items() if mark.encode() in held} == set(ids) - gone
