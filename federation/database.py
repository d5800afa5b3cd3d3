"""The two databases of a node, on SQLite or on PostgreSQL: opened here, read and written alike.

`node` is durable: a commit is on disk when it returns. `replica` can be rebuilt from the logs, so
it may lose its last commits in a power cut, never its consistency. On SQLite they are two files in
the data directory; on PostgreSQL two schemas of one database, which is the node's own.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from sqlalchemy import Connection, DateTime, Dialect, Engine, TypeDecorator

from federation import postgresql, sqlite
from federation.keystore import write_private

Name: TypeAlias = Literal["node", "replica"]
KEPT = "database.url"


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


def keep_database(folder: Path, url: str) -> None:
    """Note in a data directory, for its owner alone, where its databases are from now on."""
    write_private(folder / KEPT, url.encode())


def database_at(folder: Path, url: str | None = None) -> str | None:
    """The address of a data directory's PostgreSQL database: `url`, else the one that it keeps to;
    None where its databases are files in it.
    """
    kept = folder / KEPT
    return url or (kept.read_text("utf-8").strip() if kept.exists() else None)


def open_database(folder: Path, name: Name, url: str | None = None) -> Engine:
    """An engine on one database of a data directory. Read with `reading`, write with `writing`.

    It is in the PostgreSQL database at `url`, else in the one that the directory keeps to, else in
    a file of its own there. Raises UnusableDatabase when the address has no acceptable form.
    """
    if url := database_at(folder, url):
        return postgresql.open_schema(url, name, durable=name == "node")
    return sqlite.open_file(folder / f"{name}.db", durable=name == "node")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the database throughout."""
    with engine.execution_options(**_reads(engine)).begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that commits at the end and rolls back on any error.

    On SQLite it holds the write lock from its start, so that it never fails to get it half-way, and
    nobody else writes. On PostgreSQL others write at the same time: what rests on being alone takes
    its lock with `hold`, or locks the row that it read.
    """
    line = sqlite.turn_to_write(engine) if engine.dialect.name == "sqlite" else nullcontext()
    with line, engine.execution_options(writes=True).begin() as connection:
        yield connection


def _reads(engine: Engine) -> dict[str, object]:
    if engine.dialect.name == "sqlite":
        return {}
    return {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}


@contextmanager
def changing_schema(engine: Engine) -> Iterator[Connection]:
    """A transaction in which tables are made or changed; one process at a time gets in."""
    with writing(engine) as connection:
        if connection.dialect.name == "postgresql":
            postgresql.enter_schema(connection)
        yield connection


def will_forget(connection: Connection) -> None:
    """Note, in the transaction that deletes what has to be destroyed, that `forget_deleted` is to
    follow: should the process die before, `forget_what_was_left` does it.
    """
    _kind(connection).note_rewrite(connection)


def forget_deleted(engine: Engine) -> bool:
    """Destroy what was deleted or overwritten before: both databases keep it for a while.

    Whether it was done. Otherwise somebody still reads what was there before, and the worker does
    it within a minute. On PostgreSQL nobody reads or writes a table while it is rewritten.
    """
    return _kind(engine).rewrite(engine)


def is_forgotten(engine: Engine) -> bool:
    """Whether nothing is left of what was to be destroyed."""
    return not _kind(engine).rewrite_is_noted(engine)


def forget_what_was_left(engine: Engine) -> None:
    """`forget_deleted`, where a process died before it did, or could not."""
    if not is_forgotten(engine):
        forget_deleted(engine)


class _Kind(Protocol):
    """What each database does in its own way to forget."""

    def rewrite(self, engine: Engine) -> bool: ...
    def note_rewrite(self, connection: Connection) -> None: ...
    def rewrite_is_noted(self, engine: Engine) -> bool: ...


def _kind(on: Engine | Connection) -> _Kind:
    return sqlite if on.dialect.name == "sqlite" else postgresql
