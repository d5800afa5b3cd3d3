"""Entries that were signed, seen by nobody and are in no backup are given up with their key.

The way that the errors name is walked to its end, by the commands that they name.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from directory.cli import main
from directory.node.charters.files import write_key
from federation import Node, sequence, stage, writing
from federation.errors import ForkRefused, WitnessesWanting
from federation.high_water import HighWater
from protocols.keys import Purpose
from protocols.members import Key
from tests.federation.test_mirrors import AWAY
from tests.federation.worlds import World, a_home, own_checkpoint, own_entries, trouble, urns

pytestmark = pytest.mark.both_databases(second_is_soak=True)


def run(folder: Path, *command: str) -> tuple[int, str]:
    """The exit status of a command for a node, and what it said."""
    ended = CliRunner().invoke(main, [*command, "--json", f"--data-dir={folder}"])
    return ended.exit_code, ended.stdout or ended.stderr


def lost_disk(world: World) -> Node:
    """Kent with its keys and its charter, and nothing in its databases."""
    kent = world["kent"]
    kent.close()
    world.database.settle(kent.folder)
    return world.open("kent")


def give_up(world: World, said: str) -> None:
    """Do what an error says, as whoever reads it would: another log key, by a new charter."""
    folder, node = world["kent"].folder, world.folder
    (at,) = re.findall(r"--at ([0-9]+)", said)
    status, words = run(folder, "keys", "rotate", "log", "--out", str(node / "new"))
    assert status == 0, words
    keys = json.loads(run(folder, "keys", "list")[1])["keys"]
    (old,) = [k["public"] for k in keys if k["purpose"] == "log" and k["state"] == "named"]
    draft = str(node / "draft")
    change = ("--member", str(node / "new"), "--end-key", old, "--at", at)
    status, words = run(folder, "charter", "propose", "--out", draft, *change)
    assert status == 0, words
    write_key(node / "key", world.holder)
    status, words = run(folder, "charter", "sign", draft, "--key", str(node / "key"), "--yes")
    assert status == 0, words
    for name in world.nodes:
        status, words = run(node / name, "charter", "adopt", draft)
        assert status == 0, words


@pytest.mark.parametrize("seen", [2, 0])
def test_what_nobody_saw_is_given_up_and_the_node_publishes_again(world: World, seen: int) -> None:
    kent = world["kent"]
    if seen:
        world.publish_homes("kent", a_home("U1"), a_home("U2"))
        world.follow("leeds", "kent")
    world.publish_homes("kent", a_home("U3"), a_home("U4"), a_home("U5"))
    kent = lost_disk(world)
    with pytest.raises(ForkRefused, match="hearth recover"):
        sequence(kent)
    status, said = run(kent.folder, "recover")
    assert status == 1
    give_up(world, json.loads(said)["error"])
    if seen:
        status, said = run(kent.folder, "recover")
        assert status == 0, said
    kent = world.open("kent")
    world.publish_homes("kent", a_home("U6"))
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == ["U1", "U2", "U6"][0 if seen else 2 :]
    assert trouble(world["leeds"], "kent") is None
    assert len(own_entries(kent)) == seen + 1
    assert kent.high_water() == HighWater(seen + 1, world.log("leeds", "kent").root)


def test_a_key_that_was_given_up_guards_nothing_and_the_next_one_does(world: World) -> None:
    """An old database, from after the charter, is still found out: the mark is of the new key."""
    world.publish_homes("kent", a_home("U1"))
    world.follow("leeds", "kent")
    world.publish_homes("kent", a_home("U2"), a_home("U3"))
    kent = lost_disk(world)
    give_up(world, json.loads(run(kent.folder, "recover")[1])["error"])
    assert run(kent.folder, "recover")[0] == 0
    backup = world.copy("kent")
    kent = world.open("kent")
    world.publish_homes("kent", a_home("U4"))
    assert kent.high_water() == HighWater(2, world_root(kent))
    kent.close()
    world.database.restore(kent.folder, backup)
    kent = world.open("kent")
    with writing(kent.node_db) as connection:
        stage(connection, kent, [("other", b"{}")])
    with pytest.raises(ForkRefused, match="holds 1 entries of our log, but 2 were signed"):
        sequence(kent)


def world_root(node: Node) -> bytes:
    mark = node.keys.high_water([node.keys.keys("node", Purpose.LOG)[-1].public])
    assert mark is not None
    return mark.root


def test_a_key_that_has_signed_too_is_not_given_up_by_the_end_of_another(world: World) -> None:
    kent = world["kent"]
    world.publish_homes("kent", a_home("U1"))
    world.follow("leeds", "kent")
    new = kent.keys.draw("node", Purpose.LOG)
    first, *others = kent.member.keys
    both = replace(kent.member, keys=(first, Key.of(new.public, 1), *others))
    world.adopt(world.successor(both))
    world.publish_homes("kent", a_home("U2"))
    signed = kent.high_water()
    assert signed is not None
    assert signed.size == 2
    assert kent.keys.high_water([new.public]) == signed
    kent = lost_disk(world)
    with pytest.raises(ForkRefused, match="2 were signed"):
        sequence(kent)


def test_witnesses_that_saw_it_go_on_from_where_the_charter_says(
    found: Callable[..., World],
) -> None:
    world = found("kent", "leeds", "devon", witnesses=("leeds", "devon"), rule="2")
    kent = world["kent"]
    world.publish_homes("kent", a_home("U1"))
    world.follow("leeds", "kent")
    world.follow("devon", "kent")
    before = own_checkpoint(kent)
    world.hostile("devon").on("/add-checkpoint", lambda _: AWAY)
    with pytest.raises(WitnessesWanting):
        world.publish_homes("kent", a_home("U2"), a_home("U3"))
    world.hostile("devon").honest()
    kent = lost_disk(world)
    status, said = run(kent.folder, "recover")
    assert status == 1
    give_up(world, json.loads(said)["error"])
    status, said = run(kent.folder, "recover")
    assert status == 0, said
    kent = world.open("kent")
    world.publish_homes("kent", a_home("U4"))
    assert own_checkpoint(kent) != before
    for reader in ("leeds", "devon"):
        world.follow(reader, "kent")
        assert urns(world[reader]) == ["U1", "U4"]
