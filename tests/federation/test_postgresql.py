"""A node on PostgreSQL: the right database, reached safely, its password never in an error."""

import socket
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError

from federation import open_database, reading, refuse_foreign, sequence, writing
from federation.errors import UnusableDatabase
from federation.postgresql import read_url
from tests.databases import databases

PASSWORD = "zitadelle-9"


@pytest.mark.parametrize(
    "address",
    [
        f"mysql://hearth:{PASSWORD}@db.example/hearth",
        f"sqlite:///{PASSWORD}.db",
        f"hearth:{PASSWORD}@db.example",
        f"postgresql://hearth:{PASSWORD}@db.example:port/hearth",
        f"postgresql:{PASSWORD}",
    ],
)
def test_what_is_no_address_of_postgresql_is_refused_and_not_repeated(
    tmp_path: Path, address: str
) -> None:
    with pytest.raises(UnusableDatabase, match="none of PostgreSQL's") as refused:
        open_database(tmp_path, "node", address)
    assert PASSWORD not in str(refused.value)
    assert refused.value.__cause__ is None


def test_a_server_that_does_not_answer_is_an_error_without_the_password(tmp_path: Path) -> None:
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))
        address = f"postgresql://hearth:{PASSWORD}@127.0.0.1:{nobody.getsockname()[1]}/hearth"
        engine = open_database(tmp_path, "node", address)
        with pytest.raises(OperationalError) as refused, reading(engine):
            pass
    assert PASSWORD not in str(refused.value) + repr(refused.value) + repr(engine)
    engine.dispose()


@pytest.mark.parametrize(
    ("address", "mode"),
    [
        ("postgresql://hearth@db.example/hearth", "verify-full"),
        ("postgresql://hearth@10.0.0.7/hearth", "verify-full"),
        ("postgresql://hearth@/hearth?host=db.example", "verify-full"),
        ("postgresql://hearth@db.example/hearth?sslmode=verify-ca", "verify-ca"),
        ("postgresql://hearth@127.0.0.1/hearth", None),
        ("postgresql:///hearth?host=/run/postgresql", None),
    ],
)
def test_a_server_over_a_network_is_verified(address: str, mode: str | None) -> None:
    assert read_url(address).query.get("sslmode") == mode


def test_what_exists_nowhere_else_waits_for_the_disk_and_nobody_waits_for_ever() -> None:
    with databases("postgresql") as made:
        address = made.fresh()
        for name, durable in (("node", "on"), ("replica", "off")):
            engine = open_database(Path(), name, address)  # type: ignore[arg-type]
            with reading(engine) as connection:
                shown = {
                    one: connection.scalar(text(f"SHOW {one}"))
                    for one in ("synchronous_commit", "search_path", "lock_timeout", "timezone")
                }
                assert (
                    connection.scalar(select(text("current_setting('statement_timeout')"))) != "0"
                )
            assert shown == {
                "synchronous_commit": durable,
                "search_path": name,
                "lock_timeout": "30s",
                "timezone": "UTC",
            }
            engine.dispose()


@pytest.mark.both_databases
def test_the_database_of_another_node_is_refused(found) -> None:  # type: ignore[no-untyped-def]
    world = found("kent", "leeds")
    for name in ("kent", "leeds"):
        sequence(world[name])
        refuse_foreign(world[name])
    backup = world.copy("leeds")
    world["kent"].close()
    world.database.restore(world.folder / "kent", backup)
    kent = world.another("kent")
    with pytest.raises(UnusableDatabase, match="that of the node leeds, not of kent"):
        refuse_foreign(kent)


@pytest.mark.both_databases
def test_who_reads_cannot_write_on_postgresql(found) -> None:  # type: ignore[no-untyped-def]
    world = found("kent")
    if world.database.kind == "sqlite":
        pytest.skip("SQLite has no transaction that only reads")
    statement = text("DELETE FROM outbox")
    with writing(world["kent"].node_db) as connection:
        connection.execute(statement)
    refused = pytest.raises(Exception, match="read-only transaction")
    with refused, reading(world["kent"].node_db) as connection:
        connection.execute(statement)
