"""`hearth witness` and `hearth forks`, and what the page Node says of both."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from directory.cli import main
from directory.node.status.presenters import facts
from directory.node.status.service import node_status
from federation import WitnessesWanting, reading
from federation.forks.keeping import keep_fork
from federation.store import HeldLog
from protocols.checkpoint import Checkpoint, sign_checkpoint
from protocols.fork import prove_fork
from protocols.policy import parse_policy
from tests.federation.worlds import WHO, World, own_checkpoint, publish


def run(*words: object) -> Any:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent and Leeds, where Leeds is the witness of both."""
    return found("kent", "leeds", witnesses=["leeds"])


def forked(world: World) -> bytes:
    """A proof that Kent's log was forked, which Leeds keeps."""
    publish(world["kent"], b"one")
    first = own_checkpoint(world["kent"])
    kent = world["kent"]
    other = sign_checkpoint(Checkpoint(kent.member.origin, 1, bytes(32)), *kent.log_signers(1))
    with reading(kent.node_db) as connection:
        proof = prove_fork(other, first, HeldLog(connection, 1, own=True).node(1))
    assert keep_fork(world["leeds"], proof)
    return proof


def test_the_line_of_a_node_makes_a_policy(world: World) -> None:
    ended = run("witness", "--json", "--data-dir", world["kent"].folder)
    line = json.loads(ended.stdout)["line"]
    policy = parse_policy(f"{line}\nquorum kent\n".encode())
    assert policy.witnesses[0].cosigner == world.member("kent").cosigners[0]
    assert policy.witnesses[0].url == world.member("kent").url


def test_the_witnesses_of_a_log_are_listed_with_what_they_cosigned(world: World) -> None:
    publish(world["kent"], b"one", b"two")
    ended = run("witness", "--data-dir", world["kent"].folder)
    assert "leeds has cosigned 2 entries" in ended.stdout
    said = {fact.key: fact for fact in facts(node_status(world["kent"], WHO))}
    assert said["Witnesses"].value == "1 witness"
    assert said["Witness leeds"].value.startswith("2 entries cosigned")
    assert said["Witness leeds"].warning == ""


def test_a_witness_that_is_away_is_named_with_the_reason(world: World) -> None:
    publish(world["kent"], b"one")
    world.sites["leeds"].stop()
    with pytest.raises(WitnessesWanting):
        publish(world["kent"], b"two")
    world.sites["leeds"].start()
    world.turn.forward(minutes=5)
    said = {fact.key: fact for fact in facts(node_status(world["kent"], WHO))}
    assert "cannot be reached" in said["Witness leeds"].warning
    assert "has waited for its quorum" in said["Witnesses"].warning


def test_a_fork_is_listed_saved_and_checked_with_no_network(world: World, tmp_path: Path) -> None:
    assert "No log is known" in run("forks", "--data-dir", world["leeds"].folder).stdout
    proof = forked(world)
    listed = run("forks", "--data-dir", world["leeds"].folder, "--save", tmp_path / "proofs")
    assert "kent, found here: the log" in listed.stdout
    assert "--end-key" in listed.stdout
    (file,) = (tmp_path / "proofs").iterdir()
    assert file.read_bytes() == proof
    world.sites["kent"].stop()
    key = world.member("kent").log_verifiers[0].vkey
    checked = run("forks", "--check", file, "--key", key, "--json", "--data-dir", tmp_path / "no")
    assert json.loads(checked.stdout)["forked"] is True
    by_charter = run("forks", "--check", file, "--data-dir", world["leeds"].folder)
    assert by_charter.stdout.startswith("Proved: ")
    world.sites["kent"].start()
    said = {fact.key: fact for fact in facts(node_status(world["leeds"], WHO))}
    assert "hearth forks" in said["Log of kent"].warning


def test_what_proves_no_fork_is_refused(world: World, tmp_path: Path) -> None:
    file = tmp_path / "proof.json"
    file.write_bytes(forked(world).replace(b"\\n1\\n", b"\\n2\\n", 1))
    for more in (("--key", world.member("kent").log_verifiers[0].vkey), ()):
        ended = run("forks", "--check", file, *more, "--data-dir", world["leeds"].folder)
        assert ended.exit_code == 1
        assert "proves no fork" in ended.stderr
    strange = run("forks", "--check", file, "--key", world.member("leeds").log_verifiers[0].vkey)
    assert strange.exit_code == 1
