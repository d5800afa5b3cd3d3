"""Checking all that a node holds: whatever is changed in its databases is found and named."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from federation import Audited, Node, OwnLog, audit_logs, follow, writing
from tests.federation.worlds import World, a_home, own_checkpoint, small_records

pytestmark = pytest.mark.both_databases(second_is_soak=True)


@pytest.fixture(scope="module")
def sound(found_once: Callable[..., World]) -> World:
    """Kent holds its own log of 600 entries and Leeds's of two, all sound."""
    world = found_once("kent", "leeds")
    world.publish("kent", *small_records(600))
    world.publish_homes("leeds", a_home("U1", "E08000035"), a_home("U2", "E08000035"))
    node = world["kent"]
    follow(node, node.member, OwnLog(node.node_db))
    world.follow("kent", "leeds")
    return world


@pytest.fixture
def kent(sound: World) -> Node:
    """A copy of Kent, to be spoilt."""
    return sound.another("kent", sound.copy("kent"))


def test_a_sound_node_is_found_sound(kent: Node) -> None:
    assert audit_logs(kent) == [
        Audited("kent", "node.db", 600, 600, None),
        Audited("kent", "replica.db", 600, 600, None),
        Audited("leeds", "replica.db", 2, 2, None),
    ]


def test_a_new_node_is_found_sound(found: Callable[..., World]) -> None:
    assert audit_logs(found("kent")["kent"]) == []


LEEDS_LOG = "(SELECT id FROM log WHERE node = 'leeds')"


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE entry SET raw = zeroblob(9) WHERE idx = 1", "do not give the tree"),
        ("UPDATE entry SET blob = zeroblob(99) WHERE idx = 1", "entry 1: the payload is not"),
        ("UPDATE entry SET blob = NULL WHERE idx = 1", "entry 1: the payload is not"),
        ("DELETE FROM entry WHERE idx = 1", "do not give the tree"),
        ("DELETE FROM entry WHERE idx = 599", "do not give the tree"),
        ("UPDATE entry SET idx = 10000 WHERE idx = 1", "do not give the tree"),
        ("UPDATE log SET size = 599", "do not give the tree"),
        ("UPDATE log SET frontier = zeroblob(length(frontier))", "do not give the tree"),
        ("UPDATE subtree SET hash = zeroblob(32) WHERE idx = 1", "noted for its tiles"),
        ("DELETE FROM subtree WHERE idx = 1", "noted for its tiles"),
        ("INSERT INTO subtree VALUES (1, 1, 7, zeroblob(32))", "noted for its tiles"),
        ("UPDATE log SET checkpoint = zeroblob(99)", "note:"),
    ],
)
@pytest.mark.parametrize("database", ["node.db", "replica.db"])
def test_whatever_is_changed_is_found(
    kent: Node, database: str, statement: str, problem: str
) -> None:
    engine = kent.node_db if database == "node.db" else kent.replica
    if engine.dialect.name == "postgresql":
        statement = re.sub(
            r"zeroblob\((length\(\w+\)|\d+)\)", r"decode(repeat('00', \1), 'hex')", statement
        )
    with writing(engine) as connection:
        mine = " AND" if "WHERE" in statement else " WHERE"
        condition = "" if "INSERT" in statement else mine + _of_kent(statement)
        connection.execute(text(statement + condition))
    found = {(one.node, one.database): one.problem for one in audit_logs(kent)}
    assert problem in str(found.pop(("kent", database)))
    found.pop(("kent", "keys/high-water"), None)
    assert set(found.values()) == {None}


def _of_kent(statement: str) -> str:
    kent = "(SELECT id FROM log WHERE node = 'kent')"
    return f" id = {kent}" if " log " in statement else f" log = {kent}"


def test_the_signed_checkpoint_of_another_log_is_found(kent: Node) -> None:
    newer = own_checkpoint(kent)
    follow(kent, kent.member, OwnLog(kent.node_db))
    with writing(kent.replica) as connection:
        connection.execute(
            text("UPDATE log SET checkpoint = :note WHERE node = 'leeds'"), {"note": newer}
        )
    problems = {one.node: one.problem for one in audit_logs(kent) if one.database == "replica.db"}
    assert problems["kent"] is None
    assert "not signed by any key" in str(problems["leeds"])
