"""SQLite as a node uses it: write-ahead log, one writer at a time, nothing left behind."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, create_engine, event

# A batch of thousands of records is about 40 MB of write-ahead log; copying it back into the
# database once per several batches, instead of every 4 MB, saves a third of following's time.
REPLICA_CHECKPOINT_PAGES = 20_000
BUSY_TIMEOUT_MS = 30_000
_turns: "WeakKeyDictionary[Engine, threading.Lock]" = WeakKeyDictionary()


def open_file(path: Path, *, durable: bool) -> Engine:
    """An engine on a file, made for its owner alone."""
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

    _turns[engine] = threading.Lock()
    return engine


@contextmanager
def turn_to_write(engine: Engine) -> Iterator[None]:
    """Stand in line with the other threads of this process that write, which SQLite lets wait by
    looking again ever more seldom: here, whoever is done wakes the next at once.
    """
    mine = _turns[engine].acquire(timeout=BUSY_TIMEOUT_MS / 1000)
    try:
        yield  # also when it took too long: SQLite says what is wrong
    finally:
        if mine:
            _turns[engine].release()


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


def rewrite(engine: Engine) -> bool:
    """Write the database afresh and empty its write-ahead log. False while others still read what
    was there before, or write.

    `secure_delete` alone does not do: where SQLite moves rows from page to page, a copy stays in
    the room that is left. https://www.sqlite.org/lang_vacuum.html section 2
    """
    with turn_to_write(engine), closing(engine.raw_connection()) as connection:
        cursor = connection.cursor()
        try:
            cursor.execute(_note(1))
            cursor.execute("VACUUM")
            busy = bool(cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0])
            if not busy:
                cursor.execute(_note(0))
        except OperationalError as error:
            if error.sqlite_errorname not in ("SQLITE_BUSY", "SQLITE_LOCKED"):
                raise
            busy = True
    return not busy


def note_rewrite(connection: Connection) -> None:
    """Note in the file itself that `rewrite` is to follow this transaction."""
    connection.exec_driver_sql(_note(1))


def rewrite_is_noted(engine: Engine) -> bool:
    """Whether a `rewrite` was noted and has not been done."""
    with closing(engine.raw_connection()) as connection:
        (noted,) = connection.cursor().execute("PRAGMA user_version").fetchone()
    return bool(noted)


def _note(noted: int) -> str:
    """The file's header has room for one number of the application's, changed by transactions.

    https://www.sqlite.org/pragma.html#pragma_user_version
    """
    return f"PRAGMA user_version = {noted}"
