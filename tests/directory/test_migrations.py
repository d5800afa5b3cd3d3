"""From the schema of every released version to today's, with all that stands in the database."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

import pytest
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import (
    Connection,
    Engine,
    MetaData,
    Row,
    Table,
    column,
    inspect,
    select,
    text,
    update,
)
from sqlalchemy import table as a_table

from directory.database import migrate
from directory.homes.query import SearchQuery
from directory.homes.service import search
from directory.notices.received import read_received, received
from directory.notices.sent import send_notice
from directory.records.ofsted.service import homes
from directory.records.publishing.withdrawing import erase_record
from federation import (
    Node,
    OwnLog,
    Peer,
    audit_logs,
    changing_schema,
    confirmations,
    deliver_due,
    dispatches,
    follow,
    open_database,
    own_erasures,
    reading,
    sequence,
    tables,
    writing,
)
from federation.erasing.confirming import confirm_due
from federation.inbox import receive
from protocols.notices import encode_body
from protocols.records import Description
from tests.databases import Databases
from tests.federation import deeds
from tests.federation.processes import Doing
from tests.federation.worlds import KENT, LEEDS, WHO, World, a_home, a_notice, publish, urns

pytestmark = pytest.mark.both_databases

Name = Literal["node", "replica"]
RELEASED: dict[str, dict[Name, str]] = {"0.1.0": {"node": "0003", "replica": "0001"}}
SCRIPTS = Path(migrate.__code__.co_filename).parent / "migrations"


@pytest.fixture
def found(tmp_path: Path, database: Databases) -> Iterator[World]:
    """Kent and Leeds as today's software leaves them, after some work."""
    from tests.federation import worlds

    with worlds.found(tmp_path, "kent", "leeds", database=database) as world:
        kent, leeds = world["kent"], world["leeds"]
        calm = Description("Calm.", ("autism", "self-harm"), 10, 16, "any")
        world.publish_homes(
            "kent", a_home("U1", name="Oak House", description=calm), a_home("U2", name="Elm House")
        )
        follow(kent, kent.member, OwnLog(kent.node_db))
        world.publish_homes("leeds", a_home("U9", LEEDS))
        with writing(leeds.node_db) as connection:
            erase_record(connection, leeds, WHO, "home/U9", "to test it")
        sequence(leeds)
        world.follow("kent", "leeds")
        say(leeds, LEEDS, KENT)
        (tmp_path / "letter").write_bytes(outbox_of(leeds).sealed)
        deliver_due(leeds, world.peer("leeds", "kent"))
        say(kent, KENT, LEEDS)
        deliver_due(kent, world.peer("kent", "leeds"))
        say(kent, KENT, LEEDS)
        yield world


def say(node: Node, placing: str, area: str) -> None:
    with writing(node.node_db) as connection:
        send_notice(connection, node, WHO, a_notice(), placing=placing, area=area)


def outbox_of(node: Node) -> Row[Any]:
    """The one message that a node has sent."""
    with reading(node.node_db) as connection:
        return connection.execute(select(tables.outbox)).one()


@pytest.fixture(params=RELEASED)
def old(request: pytest.FixtureRequest, found: World, database: Databases) -> Path:
    """Kent's folder as a released version would have left it."""
    folder = found.folder / "kent-old"
    shutil.copytree(found.folder / "kent", folder, ignore=shutil.ignore_patterns("*.db*", "epoch*"))
    database.begin(folder)
    for name in get_args(Name):
        engine = open_database(folder, name)
        with changing_schema(engine) as connection:
            config = Config()
            config.set_main_option("script_location", str(SCRIPTS / name))
            config.attributes.update(connection=connection, keys=folder / "keys")
            command.upgrade(config, RELEASED[request.param][name])
            here = found["kent"].node_db if name == "node" else found["kent"].replica
            copy_rows(here, connection)
            if name == "node":
                say_it_in_the_clear(connection)
        engine.dispose()
    return folder


def copy_rows(source: Engine, target: Connection) -> None:
    """Every row, without what that version had no place for."""
    names = inspect(target).get_table_names()
    with reading(source) as connection:
        for name in (one for one in names if "alembic" not in one and "home_text" not in one):
            there = Table(name, MetaData(), autoload_with=target)
            computed = {one.name for one in there.c if one.computed is not None}
            columns = [one for one in there.c if one.name not in computed]
            if rows := connection.execute(select(*columns)).mappings().all():
                target.execute(there.insert(), [dict(row) for row in rows])
    if "home_text" in names:
        target.execute(text("INSERT INTO home_text(home_text) VALUES ('rebuild')"))


def say_it_in_the_clear(connection: Connection) -> None:
    """What is sealed today was not; and a register that a list has filled."""
    for name in ("sent_notice", "received_notice"):
        notices = a_table(name, column("body"))
        connection.execute(update(notices).values(body=encode_body(a_notice())))
    columns = ("urn", "provision_type", "status", "sector", "authority_gss", "registered_on")
    register = Table("registration", MetaData(), autoload_with=connection)
    values = ("U1", "Children's home", "Active", "Private", KENT, date(2019, 6, 3))
    flags = {"short_breaks_only": False, "multi_building": False}
    connection.execute(register.insert().values(dict(zip(columns, values, strict=True)) | flags))


def revision(folder: Path, name: Name) -> str | None:
    engine = open_database(folder, name)
    with reading(engine) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    engine.dispose()
    return found


def count(folder: Path, name: Name, what: str) -> int:
    engine = open_database(folder, name)
    with reading(engine) as connection:
        rows = connection.scalar(text(f"SELECT count(*) FROM {what}"))
    engine.dispose()
    return int(rows or 0)


def test_everything_is_still_there_and_usable(found: World, old: Path) -> None:
    migrate(old)
    kent, leeds = found.another("kent", old), found["leeds"]
    assert [one.problem for one in audit_logs(kent)] == [None] * 3
    with reading(kent.replica) as connection:
        results = search(connection, SearchQuery("oaks"))
        assert [home.record.urn for home in results.homes] == ["U1"]
        assert results.counts["need"] == {"autism": 1, "self-harm": 1}
    with reading(kent.node_db) as connection:
        assert [home.urn for home in homes(connection, {KENT})] == ["U1"]
        [came] = received(connection, WHO, KENT)
        waits = sorted(one.state for one in dispatches(connection).values())
    with writing(kent.node_db) as connection:
        notice = read_received(
            connection, kent, WHO, area=KENT, notice=came.id, reason="to test it"
        )
    assert notice.notice == notice.now.says == a_notice()
    assert waits == ["stored", "waiting"]

    letter = (found.folder / "letter").read_bytes()
    assert receive(kent, KENT, leeds.member, letter) == outbox_of(leeds).receipt
    peer = Peer(kent, leeds.member)
    assert deliver_due(kent, peer) == 1
    peer.close()
    with reading(leeds.node_db) as connection:
        assert len(received(connection, WHO, LEEDS)) == 2
    found.serve("kent", kent)
    found.follow("leeds", "kent")
    assert publish(kent, b"{}") == 1
    assert found.follow("leeds", "kent") == 1
    assert urns(leeds) == ["U1", "U2"]


def test_an_erasure_that_was_obeyed_before_is_confirmed_to_its_author(
    found: World, old: Path
) -> None:
    migrate(old)
    kent, leeds = found.another("kent", old), found["leeds"]
    peer = Peer(kent, leeds.member)
    assert confirm_due(kent, leeds.member, peer.confirm) == 1
    assert confirm_due(kent, leeds.member, peer.confirm) == 0
    peer.close()
    with reading(leeds.node_db) as connection:
        [erasure] = own_erasures(connection)
        assert confirmations(connection, erasure.index).keys() == {"kent"}


def test_processes_that_start_at_once_bring_it_up_once(old: Path) -> None:
    with ExitStack() as stack:
        for one in [stack.enter_context(Doing(migrate, old)) for _ in range(3)]:
            one.ended_well()
    assert count(old, "node", "entry") == 2
    assert count(old, "node", "epoch") == 1


@pytest.mark.parametrize("statements", [9, 25])
def test_a_step_that_is_stopped_half_way_leaves_the_old_schema(old: Path, statements: int) -> None:
    before = revision(old, "node")
    with Doing(deeds.migrate_until, old, statements) as stopped:
        assert stopped.ended_within(30)
    assert revision(old, "node") == before
    assert count(old, "node", "received_notice") == 1
    migrate(old)
    assert revision(old, "node") != before
    assert count(old, "node", "received_notice") == 1
