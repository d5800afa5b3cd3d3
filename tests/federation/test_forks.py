"""A log that is forked: found by who sees both histories, told to all, and alone not followed."""

from collections.abc import Callable

import msgspec
import pytest
import requests
from werkzeug.wrappers import Response

from federation import Node, publish_log, reading, sequence, stage, writing
from federation.errors import ForkFound, ForkRefused, PeerMisbehaved, PeerRefused
from federation.forks.keeping import KnownFork, keep_fork, known_forks, to_be_told
from federation.forks.telling import compare_with, tell_forks
from federation.witness.committee import Committee
from protocols.encoding import b64url
from protocols.errors import Inconsistent, Rollback
from protocols.fork import check_fork
from protocols.keys import Purpose
from protocols.members import Key
from tests.federation.processes import until
from tests.federation.test_worker import working
from tests.federation.worlds import (
    World,
    log_of,
    own_checkpoint,
    publish,
    records,
    small_records,
    trouble,
    true_time,
)

pytestmark = pytest.mark.both_databases(second_is_soak=True)


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent, whose log has a twin; Leeds and Devon, who follow it."""
    return found("kent", "leeds", "devon")


def forked(world: World, ours: int, theirs: int) -> Node:
    """Kent's log with so many entries, and its twin with so many others, after one of both."""
    publish(world["kent"], b"both")
    twin = world.another("kent", world.copy("kent"))
    publish(world["kent"], *small_records(ours))
    publish(twin, *(b"other %d" % n for n in range(theirs)))
    return twin


def forks(node: Node) -> list[KnownFork]:
    with reading(node.node_db) as connection:
        return known_forks(connection, node.charter.members)


def sizes(node: Node) -> list[tuple[int, int]]:
    return [(one.size, two.size) for one, two in (fork.made.checkpoints for fork in forks(node))]


@pytest.mark.parametrize(("ours", "theirs"), [(4, 4), (4, 9), (9, 4)])
def test_a_follower_that_is_shown_another_history_keeps_the_proof(
    world: World, ours: int, theirs: int
) -> None:
    twin = forked(world, ours, theirs)
    world.follow("leeds", "kent")
    world.serve("kent", twin)
    with pytest.raises((Inconsistent, Rollback)):
        world.follow("leeds", "kent")
    assert sizes(world["leeds"]) == [tuple(sorted((ours + 1, theirs + 1)))]
    with pytest.raises(ForkFound, match="signed two histories"):
        world.follow("leeds", "kent")
    assert "hearth forks" in (trouble(world["leeds"], "kent") or "")
    assert records(world["leeds"], "kent") == [b"both", *small_records(ours)]


@pytest.mark.parametrize(
    "answer",
    [b"[" * 60_000, b'["\xff"]', b"{}", b"[7]", b'["no note"]', b"["],
    ids=["deep", "no UTF-8", "an object", "numbers", "no note", "cut short"],
)
def test_an_answer_that_is_no_list_of_notes_is_a_known_error(world: World, answer: bytes) -> None:
    world.hostile("leeds").on("/checkpoints", lambda _: Response(answer))
    peer = world.peer("devon", "leeds")
    if answer == b'["no note"]':
        assert compare_with(world["devon"], peer) == 0
    else:
        with pytest.raises(PeerMisbehaved, match="is no list of notes"):
            compare_with(world["devon"], peer)


def test_a_split_view_is_found_by_who_compares(world: World) -> None:
    """Leeds and Devon each see a history without fault; only together they know."""
    twin = forked(world, 4, 9)
    world.follow("leeds", "kent")
    world.serve("kent", twin)
    world.follow("devon", "kent")
    assert compare_with(world["leeds"], world.peer("leeds", "devon")) == 0
    assert compare_with(world["devon"], world.peer("devon", "leeds")) == 1
    assert sizes(world["devon"]) == [(5, 10)]
    assert to_be_told(world["devon"]) == {"kent", "leeds"}
    for name in ("kent", "leeds"):
        tell_forks(world["devon"], world.peer("devon", name))
    assert to_be_told(world["devon"]) == set()
    assert [one.told_by for one in forks(world["leeds"])] == ["devon"]
    with pytest.raises(ForkFound):
        world.follow("leeds", "kent")


def test_only_the_forked_log_is_not_followed(world: World) -> None:
    twin = forked(world, 1, 2)
    world.follow("leeds", "kent")
    world.serve("kent", twin)
    with pytest.raises((Inconsistent, Rollback)):
        world.follow("leeds", "kent")
    publish(world["devon"], b"fine")
    assert world.follow("leeds", "devon") == 1


def test_the_author_signs_nothing_more_once_it_is_told(world: World) -> None:
    twin = forked(world, 1, 2)
    world.follow("leeds", "kent")
    world.serve("kent", twin)
    with pytest.raises((Inconsistent, Rollback)):
        world.follow("leeds", "kent")
    world.serve("kent", world["kent"])
    tell_forks(world["leeds"], world.peer("leeds", "kent"))
    before = own_checkpoint(world["kent"])
    with writing(world["kent"].node_db) as connection:
        stage(connection, world["kent"], [("more", b"more")])
    with pytest.raises(ForkRefused, match="Nothing is signed"):
        sequence(world["kent"])
    assert own_checkpoint(world["kent"]) == before


def test_a_proof_convinces_whoever_has_the_keys_alone(world: World) -> None:
    twin = forked(world, 1, 2)
    world.follow("leeds", "kent")
    world.serve("kent", twin)
    with pytest.raises((Inconsistent, Rollback)):
        world.follow("leeds", "kent")
    (known,) = forks(world["leeds"])
    assert check_fork(known.proof, world.member("kent").log_verifiers)


def test_an_accusation_without_proof_is_refused(world: World) -> None:
    twin = forked(world, 3, 2)
    world.follow("leeds", "kent")
    world.serve("kent", twin)
    with pytest.raises((Inconsistent, Rollback)):
        world.follow("leeds", "kent")
    (known,) = forks(world["leeds"])
    peer = world.peer("leeds", "devon")
    for bad in (b"", b"{}", known.proof.replace(b"\\n4\\n", b"\\n5\\n"), b"x" * 200_000):
        with pytest.raises(PeerRefused):
            peer.tell_fork(bad)
    assert forks(world["devon"]) == []
    assert (
        requests.post(f"{world.member('devon').url}/forks", known.proof, timeout=9).status_code
        == 401
    )


def test_one_proof_of_a_log_is_enough(world: World) -> None:
    twin = forked(world, 3, 2)
    world.follow("leeds", "kent")
    world.serve("kent", twin)
    with pytest.raises((Inconsistent, Rollback)):
        world.follow("leeds", "kent")
    (known,) = forks(world["leeds"])
    assert not keep_fork(world["leeds"], known.proof)
    assert len(forks(world["leeds"])) == 1


def test_what_a_witness_refuses_as_inconsistent_is_kept_as_proof(
    found: Callable[..., World],
) -> None:
    world = found("kent", "leeds", "devon", witnesses=["leeds"])
    publish(world["kent"], b"both")
    twin = world.another("kent", world.copy("kent"))
    publish(world["kent"], b"one")
    publish_log(world["kent"])
    with writing(twin.node_db) as connection:
        stage(connection, twin, [("two", b"two")])
    twin.compared.set()
    sequence(twin)  # signs, as no honest node would
    world["kent"].close()
    asking = Committee(twin)
    asking.settle()
    asking.close()
    assert sizes(world["leeds"]) == [(2, 2)]


def test_a_fork_is_settled_by_a_charter_that_ends_the_key_where_history_counts(
    world: World,
) -> None:
    twin = forked(world, 4, 2)
    world.follow("leeds", "kent")
    world.serve("kent", twin)
    with pytest.raises((Inconsistent, Rollback)):
        world.follow("leeds", "kent")
    held = log_of(world["leeds"], "kent")
    kent = world.member("kent")
    (old,) = kent.log_keys
    ended = msgspec.structs.replace(old, until=held.size, root=b64url(held.root))
    new = Key.of(world["kent"].keys.draw("node", Purpose.LOG).public, since=held.size)
    keys = tuple(one for one in kent.keys if one.purpose is not Purpose.LOG)
    world.adopt(world.successor(msgspec.structs.replace(kent, keys=(ended, new, *keys))))
    assert [one.settled for one in forks(world["leeds"])] == [True]
    world.serve("kent", world["kent"])
    publish(world["kent"], b"goes on")
    assert world.follow("leeds", "kent") == 1


def test_running_nodes_find_a_split_view_and_tell_each_other(found: Callable[..., World]) -> None:
    world = found("kent", "leeds", "devon", clock=true_time)
    twin = forked(world, 1, 2)
    world.follow("leeds", "kent")
    world.serve("kent", twin)
    world.follow("devon", "kent")
    with working(world["leeds"], world["devon"], poll_s=0.2):
        until(lambda: forks(world["leeds"]) and forks(world["devon"]))
        until(lambda: "forked" in (trouble(world["leeds"], "kent") or ""))
