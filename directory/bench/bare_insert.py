"""The bare insert: the rows that a follower wrote, once more, with nothing but the database.

They go into the same tables with the same indexes and full text, in an empty database with the same
settings, in transactions of the same size. On SQLite it is the standard library's `executemany`; on
PostgreSQL a COPY of bytes that another COPY gave, so that nobody but the server has work. Reading
them is not timed.
"""

import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import psycopg
from sqlalchemy import make_url

from directory.database import migrate
from directory.homes.models import home
from federation import BATCH_ENTRIES, pragmas

# A subtree of level n stands for 256**n entries, and comes with the last of them.
_ENTRIES = "WHERE log = {log} AND idx >= {start} AND idx < {end} ORDER BY idx"
_SUBTREES = (
    "WHERE log = {log} AND (idx + 1) << (8 * level) > {start} AND (idx + 1) << (8 * level) <= {end}"
)
_HOMES = "WHERE log = {log} AND entry >= {start} AND entry < {end}"
_HOME = ", ".join(home.c.keys())
_WORDS = f"FROM home_words WHERE id IN (SELECT id FROM home {_HOMES}) ORDER BY id"  # noqa: S608
_ROWS = {
    "entry (log, idx, raw, blob, payload)": (
        f"SELECT log, idx, raw, blob, payload FROM entry {_ENTRIES}"  # noqa: S608
    ),
    "subtree (log, level, idx, hash)": f"SELECT log, level, idx, hash FROM subtree {_SUBTREES}",  # noqa: S608
    f"home ({_HOME})": f"SELECT {_HOME} FROM home {_HOMES} ORDER BY id",  # noqa: S608
    "home_words (id, heading, words)": f"SELECT id, heading, words {_WORDS}",
}
_FULL_TEXT = {"home_text (rowid, heading, words)": _ROWS["home_words (id, heading, words)"]}


def insert_into_sqlite(source: Path, log: int, entries: int, target: Path) -> float:
    """Seconds that the rows of a log take, from the database in the folder `source` into an empty
    one in the folder `target`.
    """
    target.mkdir()
    migrate(target)
    with (
        closing(connect(source / "replica.db")) as read,
        closing(connect(target / "replica.db", isolation_level=None)) as write,
    ):
        for pragma in pragmas(durable=False):
            write.execute(pragma)

        def of_a_batch(start: int) -> float:
            batch = {
                into: read.execute(rows.format(log=log, start=start, end=start + BATCH_ENTRIES))
                for into, rows in (_ROWS | _FULL_TEXT).items()
            }
            rows = {into: cursor.fetchall() for into, cursor in batch.items()}
            began = time.perf_counter()
            write.execute("BEGIN IMMEDIATE")
            for into, values in rows.items():
                if values:
                    places = ", ".join("?" * len(values[0]))
                    write.executemany(f"INSERT INTO {into} VALUES ({places})", values)  # noqa: S608
            write.execute("COMMIT")
            return time.perf_counter() - began

        return _all(of_a_batch, entries)


def copy_into_postgresql(source: str, log: int, entries: int, target: str, folder: Path) -> float:
    """The same from one PostgreSQL database into another, by their addresses; `folder` is empty."""
    folder.mkdir()
    migrate(folder, target)
    with _connected(source) as read, _connected(target) as write:

        def of_a_batch(start: int) -> float:
            copied = {}
            for into, rows in _ROWS.items():
                query = rows.format(log=log, start=start, end=start + BATCH_ENTRIES)
                with read.cursor().copy(
                    f"COPY ({query}) TO STDOUT (FORMAT BINARY)".encode()
                ) as out:
                    copied[into] = [bytes(block) for block in out]
            read.commit()
            began = time.perf_counter()
            for into, blocks in copied.items():
                _copy_in(write, into, blocks)
            write.commit()
            return time.perf_counter() - began

        return _all(of_a_batch, entries)


def _all(of_a_batch: Callable[[int], float], entries: int) -> float:
    return sum(of_a_batch(start) for start in range(0, entries, BATCH_ENTRIES))


def _connected(address: str) -> psycopg.Connection:
    """To the schema and with the settings of a node's replica."""
    plain = make_url(address).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, options="-c search_path=replica -c synchronous_commit=off")


def _copy_in(connection: psycopg.Connection, into: str, blocks: Iterable[bytes]) -> None:
    with connection.cursor().copy(f"COPY {into} FROM STDIN (FORMAT BINARY)".encode()) as copy:
        for block in blocks:
            copy.write(block)
