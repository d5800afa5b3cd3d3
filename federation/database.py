"""SQLite as a node uses it: write-ahead log, one writer at a time, nothing left behind on erasure.

`node.db` is durable: a commit is on disk when it returns. `replica.db` can be rebuilt from the
logs, so it may lose its last commits in a power cut, never its consistency.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any, TypeVar

from sqlalchemy import (
    URL,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Table,
    TypeDecorator,
    create_engine,
    event,
    insert,
)

# A batch of thousands of records is about 40 MB of write-ahead log; copying it back into the
# database once per several batches, instead of every 4 MB, saves a third of following's time.
REPLICA_CHECKPOINT_PAGES = 20_000
BUSY_TIMEOUT_MS = 30_000
MOST_IN = 10_000

T = TypeVar("T")


class Utc(TypeDecorator[datetime]):
    """An aware time, stored in UTC and aware again when read, also where the database forgets."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone: it would be stored as another."""
        if value is not None and value.tzinfo is None:
            raise ValueError("a time without its zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """SQLite gives back a naive time, PostgreSQL one in the session's zone."""
        return value and (
            value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        )


def open_database(path: Path, *, durable: bool) -> Engine:
    """An engine on a SQLite file, made for its owner alone. Read with `reading`, write with
    `writing`.
    """
    path.touch(mode=0o600)
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
        hide_parameters=True,  # a child's name could stand in one, and errors are logged
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in pragmas(durable=durable):
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        immediate = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")

    return engine


def pragmas(*, durable: bool) -> tuple[str, ...]:
    """What every connection to a node's database begins with."""
    return (
        f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}",
        "PRAGMA journal_mode = WAL",
        f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}",
        f"PRAGMA wal_autocheckpoint = {1000 if durable else REPLICA_CHECKPOINT_PAGES}",
        "PRAGMA secure_delete = ON",
        "PRAGMA cache_size = -65536",
        "PRAGMA trusted_schema = OFF",
    )


def bulk_insert(
    connection: Connection, table: Table, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Insert thousands of rows at once, their values as the database stores them.

    Goes past SQLAlchemy's handling of parameters, which costs more than the insert itself.
    """
    if rows:
        connection.exec_driver_sql(_insert(table, columns, connection.dialect), list(rows))


@cache
def _insert(table: Table, columns: tuple[str, ...], dialect: Dialect) -> str:
    return str(insert(table).values(dict.fromkeys(columns)).compile(dialect=dialect))


def in_parts(values: Collection[T]) -> Iterator[list[T]]:
    """Any number of values, as many at a time as one statement takes for an IN."""
    every = list(values)
    return (every[at : at + MOST_IN] for at in range(0, len(every), MOST_IN))


def forget_deleted(engine: Engine) -> None:
    """Empty the write-ahead log: what was deleted still stands there, in earlier pages."""
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the database throughout."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that holds the write lock from its start, so that it never fails to get it
    half-way. Commits at the end, rolls back on any error.
    """
    with engine.execution_options(writes=True).begin() as connection:
        yield connection
