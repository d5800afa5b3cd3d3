"""Whether a node can do its work: said in words, of each thing that it needs, and no secret."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from directory.app import create_app
from federation import Node, reading, sequence, writing
from federation.heartbeat import beat, last_beat
from federation.high_water import HighWater
from tests.databases import Databases
from tests.federation import worlds
from tests.federation.worlds import World

pytestmark = pytest.mark.both_databases(second_is_soak=True)


@pytest.fixture
def world(tmp_path: Path, database: Databases) -> Iterator[World]:
    """Kent, alone, who has published and whose worker has just been alive."""
    with worlds.found(tmp_path, "kent", database=database) as world:
        sequence(world["kent"])
        beat(world["kent"], "")
        yield world


@pytest.fixture
def kent(world: World) -> Node:
    return world["kent"]


@pytest.fixture
def client(kent: Node) -> FlaskClient:
    return create_app(kent).test_client()


def wrong(client: FlaskClient) -> dict[str, str]:
    """What is not as it should be, and why."""
    answer = client.get("/readyz")
    said = {one["name"]: one["why"] for one in answer.json["checks"] if not one["ready"]}
    assert answer.json["ready"] == (not said)
    assert answer.status_code == (503 if said else 200)
    assert answer.headers["Cache-Control"] == "no-store"
    return said


def test_a_node_whose_worker_is_alive_and_may_sign_is_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"
    assert wrong(client) == {}
    assert [one["name"] for one in client.get("/readyz").json["checks"]] == [
        "database",
        "keys",
        "worker",
        "signing",
    ]


def test_a_worker_that_is_not_seen_for_a_minute_is_named(
    world: World, client: FlaskClient, kent: Node
) -> None:
    world.turn.forward(seconds=61)
    assert wrong(client)["worker"].startswith("The worker was last seen on 20 November 2026")
    beat(kent, "")
    assert wrong(client) == {}
    (kent.folder / "worker.alive").unlink()
    assert last_beat(kent) is None
    assert "start it" in wrong(client)["worker"]


def test_what_keeps_it_from_signing_is_said_in_words(client: FlaskClient, kent: Node) -> None:
    beat(kent, "too few witnesses answer")
    assert wrong(client) == {"signing": "too few witnesses answer"}
    kent.keys.raise_high_water(HighWater(9, bytes(32)))
    assert "hearth recover" in wrong(client)["signing"]


def test_keys_that_are_gone_or_open_to_others_are_named(client: FlaskClient, kent: Node) -> None:
    file = kent.folder / "keys" / "node.json"
    file.chmod(0o644)
    said = wrong(client)["keys"]
    assert "chmod 600" in said
    assert file.read_text()[10:40] not in said
    file.unlink()
    assert "restore it from the key backup" in wrong(client)["keys"]


def test_a_database_that_is_not_migrated_or_does_not_answer_is_named(
    world: World, kent: Node
) -> None:
    client = create_app(kent).test_client()
    with writing(kent.replica) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    assert wrong(client)["database"].startswith("The database replica has the schema 0001")
    with reading(kent.node_db) as connection:
        assert connection.scalar(text("SELECT count(*) FROM log")) == 1
    if world.database.kind == "postgresql":
        kent.node_db.dispose()
        world.database.drop()
    else:
        kent.node_db.dispose()
        for path in kent.folder.glob("node.db*"):
            path.write_bytes(b"no database" * 500)
    said = wrong(client)
    assert set(said) == {"database", "signing"}
    assert client.get("/healthz").status_code == 200
