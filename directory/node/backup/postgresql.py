"""PostgreSQL's schema `node`, dumped by `pg_dump` from one snapshot, and restored by `pg_restore`.

Both programs have to be as new as the server (https://www.postgresql.org/docs/current/app-pgdump.html).
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from directory.node.backup.errors import NodeIsRunning, NoTool, UnusableBackup
from federation import reading, writing

_INSTALLED = Path("/usr/lib/postgresql")
_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name LIKE 'hearth %' AND pid <> pg_backend_pid()"
)
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def dump(connection: Connection, target: Path) -> None:
    """Dump the schema as a `reading` transaction sees it. Raises NoTool."""
    program = _program("pg_dump", connection)
    snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    _run(
        connection.engine,
        [program, "--format=custom", "--schema=node", "--no-owner", "--no-privileges"],
        [f"--snapshot={snapshot}", f"--file={target}"],
    )


class Schemas:
    """The two schemas of a node's database, through an engine on `node` that nobody else uses."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def exists(self) -> bool:
        """Whether there is a database."""
        with reading(self._engine) as connection:
            return connection.scalar(text("SELECT to_regnamespace('node')")) is not None

    def replace(self, restored: Path, aside: str) -> str | None:
        """Put a dump in the place of the schema `node`, which is kept under another name; so is
        `replica`. Gives their names.

        Raises NodeIsRunning, NoTool; UnusableBackup when it cannot be restored, and all is as
        before.
        """
        with writing(self._engine) as connection:
            program = _program("pg_restore", connection)
            if connection.scalar(_OTHERS):
                raise NodeIsRunning(
                    "A process of this node still uses the database. Nothing was changed. Stop the "
                    "node, its web server and its worker, and try again."
                )
            moved = [
                name
                for name in ("node", "replica")
                if connection.scalar(text("SELECT to_regnamespace(:name)"), {"name": name})
            ]
            for name in moved:
                connection.exec_driver_sql(f'ALTER SCHEMA "{name}" RENAME TO "{name}_{aside}"')
        try:
            _run(
                self._engine,
                [program, "--single-transaction", "--exit-on-error", "--no-owner"],
                ["--no-privileges", str(restored)],
            )
        except UnusableBackup:
            with writing(self._engine) as connection:
                for name in moved:
                    connection.exec_driver_sql(f'ALTER SCHEMA "{name}_{aside}" RENAME TO "{name}"')
            raise
        return " and ".join(f"{name}_{aside}" for name in moved) or None


def _run(engine: Engine, program: list[str], arguments: list[str]) -> None:
    password = engine.url.password
    done = subprocess.run(
        [*program, f"--dbname={_address(engine)}", *arguments],
        env=os.environ | ({"PGPASSWORD": str(password)} if password else {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        # The first line only: what follows may repeat rows.
        said = (done.stderr.splitlines() or ["it said nothing"])[0]
        raise UnusableBackup(f"{Path(program[0]).name} failed: {said}. Nothing was changed.")


def _address(engine: Engine) -> str:
    """Without the password, which everybody on the machine could see in a process's arguments."""
    url = engine.url.set(drivername="postgresql", password=None)
    return url.render_as_string(hide_password=False)


def _program(name: str, connection: Connection) -> str:
    server = int(connection.scalar(text("SHOW server_version_num")) or 0) // 10_000
    folders = [*map(Path, os.get_exec_path()), *sorted(_INSTALLED.glob("*/bin"))]
    found: dict[str, int] = {}
    for path in dict.fromkeys(shutil.which(name, path=str(folder)) for folder in folders):
        if path:
            said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)
            version = _VERSION.search(said.stdout)
            found[path] = int(version[1]) if version else 0
    fit = [path for path, version in found.items() if version >= server]
    if not fit:
        here = ", ".join(f"{path} is {version}" for path, version in found.items())
        raise NoTool(
            f"PostgreSQL's {name} is needed in version {server} or newer, as the server's; "
            f"{here or 'there is none here'}. Nothing was changed. Install it (on Debian "
            f"postgresql-client-{server}), or put its folder into PATH."
        )
    # What a newer one writes, an older server may not read.
    return min(fit, key=lambda path: found[path])
