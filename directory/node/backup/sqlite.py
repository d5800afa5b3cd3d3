"""A SQLite database copied while it is in use, and put in the place of another in one step.

https://www.sqlite.org/backup.html: the copy is of the one state that the transaction sees.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from directory.node.backup.archive import Report
from directory.node.backup.errors import NodeIsRunning, UnusableBackup

_PAGES = 2_000
FILES = ("node.db", "replica.db")


def copy(connection: Connection, target: Path, report: Report) -> None:
    """Copy the database of a `reading` transaction that has read something."""
    source = connection.connection.driver_connection
    if not isinstance(source, sqlite3.Connection):
        raise TypeError("not a connection to SQLite")
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def tell(_status: int, remaining: int, total: int) -> None:
        report(f"{(total - remaining) * 100 // max(total, 1)} % copied")

    with closing(sqlite3.connect(target)) as copied:
        source.backup(copied, pages=_PAGES, progress=tell)


class Files:
    """The two database files of a data directory."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def exists(self) -> bool:
        """Whether there is a database."""
        return (self._folder / "node.db").exists()

    def replace(self, restored: Path, aside: str) -> str | None:
        """Put a database in the place of the one that is there; gives where that one is kept.

        `replica.db` is put aside as well; it is rebuilt from the other nodes. Killed at any
        instant, it leaves the old database or the new one in its place. Raises NodeIsRunning, and
        UnusableBackup when the new one is damaged.
        """
        _check(restored)
        folder, kept = self._folder, self._folder / aside
        there = [name for name in FILES if (folder / name).exists()]
        for name in there:
            _settle(folder / name)
        if there:
            kept.mkdir(mode=0o700)
        # A write-ahead log that is still there is of a damaged database, and must not come to this.
        for name in ("replica.db", *(f"{one}-{end}" for one in FILES for end in ("wal", "shm"))):
            if (folder / name).exists():
                (folder / name).rename(kept / name)
        if self.exists():
            (kept / "node.db").hardlink_to(folder / "node.db")
        restored.replace(folder / "node.db")
        return str(kept) if there else None


def _check(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file)) as connection:
            (said,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise UnusableBackup(
            f"The database in the backup is damaged ({said}). Nothing was changed."
        )


def _settle(file: Path) -> None:
    """Bring the write-ahead log home, which works only while nobody else has the file open."""
    try:
        with closing(sqlite3.connect(file, timeout=1, isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname not in ("SQLITE_BUSY", "SQLITE_LOCKED"):
            raise
        raise NodeIsRunning(
            f"Something still has {file} open. Nothing was changed. Stop the node, its web server "
            "and its worker, and try again."
        ) from None
    except sqlite3.DatabaseError:
        return  # damaged: it goes aside as it is
