"""SQLite as a node uses it: write-ahead log, one writer at a time, nothing left behind."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
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


def empty_log(engine: Engine) -> None:
    """Empty the write-ahead log: what was deleted still stands there, in earlier pages."""
    with closing(engine.raw_connection()) as connection:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
