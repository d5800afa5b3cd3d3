"""A node as a witness: each status of tlog-witness, over HTTP, and never two histories."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from threading import Barrier
from typing import Any

import pytest
import requests
from sqlalchemy import event, select

from federation import Node, reading, tables
from protocols.checkpoint import Checkpoint, sign_checkpoint
from protocols.cosignature import cosignatures
from protocols.encoding import b64
from protocols.merkle import EMPTY_ROOT, consistency_proof
from protocols.note import NoteSigner, parse_note
from protocols.tiles import node_reader
from protocols.witnessing import AddCheckpoint, read_cosignatures
from tests.federation.worlds import World
from tests.protocols.factories import Log, leaves, seed

pytestmark = pytest.mark.both_databases

NOTE = "text/plain; charset=utf-8"


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent, whose log Leeds witnesses; and Devon, which is suspended."""
    return found("kent", "leeds", "devon", witnesses=["leeds"], suspended=["devon"])


def checkpoint(node: Node, size: int, root: bytes) -> bytes:
    return sign_checkpoint(Checkpoint(node.member.origin, size, root), *node.log_signers(size))


def grown(node: Node, old: int, size: int) -> AddCheckpoint:
    """From one size to another of a log of made-up leaves."""
    log = Log(leaves(size))
    proof = consistency_proof(old, size, node_reader(size, log.tile))
    return AddCheckpoint(old, tuple(proof), checkpoint(node, size, log.checkpoint().root))


def ask(world: World, body: bytes | AddCheckpoint, of: str = "leeds") -> requests.Response:
    data = body if isinstance(body, bytes) else body.encode()
    return requests.post(f"{world.member(of).url}/add-checkpoint", data=data, timeout=30)


def answered(response: requests.Response) -> tuple[int, str]:
    return response.status_code, response.headers["Content-Type"]


def held(world: World, origin: str) -> int | None:
    with reading(world["leeds"].node_db) as connection:
        wanted = tables.witnessed.c.origin == origin
        return connection.scalar(select(tables.witnessed.c.size).where(wanted))


def monitored(world: World, origin: str) -> requests.Response:
    digest = sha256(origin.encode()).hexdigest()
    return requests.get(f"{world.member('leeds').url}/{digest}/checkpoint", timeout=30)


# --- 200 ------------------------------------------------------------------------------------------


def test_a_checkpoint_that_goes_on_from_what_is_held_is_cosigned(world: World) -> None:
    kent, (leeds,) = world["kent"], world.member("leeds").cosigners
    for old, size in ((0, 3), (3, 3), (3, 7), (7, 300)):
        request = grown(kent, old, size)
        response = ask(world, request)
        assert answered(response) == (200, NOTE)
        found = read_cosignatures(response.content, request.note, leeds)
        assert found.time == world.turn.now.timestamp()
        assert held(world, kent.member.origin) == size


def test_the_empty_log_is_cosigned(world: World) -> None:
    note = checkpoint(world["kent"], 0, EMPTY_ROOT)
    assert ask(world, AddCheckpoint(0, (), note)).status_code == 200
    assert held(world, world.member("kent").origin) == 0


def test_signatures_by_strangers_are_ignored_and_not_kept(world: World) -> None:
    note = checkpoint(world["kent"], 1, seed("a"))
    strange = f"— stranger {b64(bytes(68))}\n".encode()
    assert ask(world, AddCheckpoint(0, (), note + strange)).status_code == 200
    assert b"stranger" not in monitored(world, world.member("kent").origin).content


def test_what_was_cosigned_a_moment_ago_is_answered_as_it_was(world: World) -> None:
    """Whoever repeats a public checkpoint does not make the witness write each time."""
    kent = world["kent"]
    first = ask(world, grown(kent, 0, 3)).content
    world.turn.forward(seconds=59)
    assert ask(world, grown(kent, 3, 3)).content == first
    world.turn.forward(seconds=1)
    later = ask(world, grown(kent, 3, 3)).content
    assert later != first
    assert monitored(world, kent.member.origin).content.endswith(later)


# --- 400, 403, 404, 409, 413, 422 -----------------------------------------------------------------


def test_400_for_what_is_no_request(world: World) -> None:
    good = grown(world["kent"], 0, 3)
    for body in (
        b"",
        b"old 0\n",
        b"old -1\n\n" + good.note,
        b"old 0\nnonsense\n\n" + good.note,
        b"old 0\n\nno note",
        AddCheckpoint(4, (), good.note).encode(),
        AddCheckpoint(0, (bytes(32),) * 64, good.note).encode(),
    ):
        assert ask(world, body).status_code == 400
    assert held(world, world.member("kent").origin) is None


def test_403_for_a_checkpoint_that_its_log_did_not_sign(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    note = checkpoint(kent, 3, seed("a"))
    forged = sign_checkpoint(Checkpoint(kent.member.origin, 3, seed("a")), _as(leeds, kent))
    changed = note.replace(b"\n3\n", b"\n4\n")
    for bad in (forged, changed):
        assert ask(world, AddCheckpoint(0, (), bad)).status_code == 403
    assert held(world, kent.member.origin) is None


def _as(node: Node, other: Node) -> NoteSigner:
    """A signer under another's name."""
    return NoteSigner(other.member.origin, node.log_signers(0)[0].key)


def test_404_for_a_log_that_the_charter_does_not_name_or_has_suspended(world: World) -> None:
    unknown = Log(leaves(3)).note()
    assert ask(world, AddCheckpoint(0, (), unknown)).status_code == 404
    suspended = checkpoint(world["devon"], 3, seed("a"))
    assert ask(world, AddCheckpoint(0, (), suspended)).status_code == 404


def test_404_from_a_node_that_is_no_witness(world: World) -> None:
    assert ask(world, grown(world["kent"], 0, 3), of="kent").status_code == 404


def test_409_with_the_size_that_is_held(world: World) -> None:
    kent = world["kent"]
    before = ask(world, grown(kent, 2, 5))
    assert answered(before) == (409, "text/x.tlog.size")
    assert before.content == b"0\n"
    ask(world, grown(kent, 0, 5))
    for old, size in ((0, 9), (4, 9), (6, 9), (9, 9), (0, 5)):
        response = ask(world, grown(kent, old, size))
        assert answered(response) == (409, "text/x.tlog.size")
        assert response.content == b"5\n"


def test_413_for_a_body_without_end(world: World) -> None:
    assert ask(world, b"old 0\n\n" + b"x" * 65_536).status_code == 413


def test_422_for_a_proof_or_a_root_that_does_not_fit(world: World) -> None:
    kent = world["kent"]
    ask(world, grown(kent, 0, 5))
    good = grown(kent, 5, 9)
    for bad in (
        AddCheckpoint(5, good.proof[:-1], good.note),
        AddCheckpoint(5, (*good.proof, bytes(32)), good.note),
        AddCheckpoint(5, (), checkpoint(kent, 5, seed("another history"))),
        AddCheckpoint(5, good.proof, checkpoint(kent, 9, seed("another history"))),
    ):
        response = ask(world, bad)
        assert response.status_code == 422
        assert "—" not in response.text
    assert held(world, kent.member.origin) == 5


def test_422_for_an_empty_log_with_another_root_or_a_proof(world: World) -> None:
    kent = world["kent"]
    empty = AddCheckpoint(0, (), checkpoint(kent, 0, seed("not empty")))
    proved = AddCheckpoint(0, (bytes(32),), checkpoint(kent, 3, seed("a")))
    for bad in (empty, proved):
        assert ask(world, bad).status_code == 422


# --- Check and store are one ----------------------------------------------------------------------


def test_of_two_histories_at_once_exactly_one_is_cosigned(world: World) -> None:
    kent = world["kent"]
    notes = [checkpoint(kent, 7, seed(f"history {which}")) for which in range(8)]
    start = Barrier(len(notes))

    def race(note: bytes) -> requests.Response:
        start.wait()
        return ask(world, AddCheckpoint(0, (), note))

    with ThreadPoolExecutor(len(notes)) as pool:
        responses = list(pool.map(race, notes))
    assert sorted(one.status_code for one in responses) == [200] + [409] * (len(notes) - 1)
    (cosigned,) = [n for n, one in zip(notes, responses, strict=True) if one.status_code == 200]
    kept = monitored(world, kent.member.origin).content
    assert parse_note(cosigned).text == parse_note(kept).text


def test_a_race_does_not_roll_the_witness_back(world: World) -> None:
    """The race that tlog-witness describes: a smaller size is not stored after a larger one."""
    kent = world["kent"]
    ask(world, grown(kent, 0, 1))
    requests_ = [grown(kent, 1, size) for size in (3, 5, 9, 17, 33, 65)]
    start = Barrier(len(requests_))

    def race(request: AddCheckpoint) -> int:
        start.wait()
        return ask(world, request).status_code

    with ThreadPoolExecutor(len(requests_)) as pool:
        statuses = list(pool.map(race, requests_))
    assert sorted(statuses) == [200] + [409] * 5
    assert held(world, kent.member.origin) == (3, 5, 9, 17, 33, 65)[statuses.index(200)]


def test_nothing_is_cosigned_that_could_not_be_stored(world: World) -> None:
    leeds, request = world["leeds"], grown(world["kent"], 0, 3)

    def fail(_connection: Any) -> None:
        raise OSError("the disk is gone")

    event.listen(leeds.node_db, "commit", fail)
    try:
        response = ask(world, request)
    finally:
        event.remove(leeds.node_db, "commit", fail)
    assert response.status_code >= 500
    assert "—" not in response.text
    assert held(world, world.member("kent").origin) is None
    assert ask(world, request).status_code == 200


# --- What monitors read ---------------------------------------------------------------------------


def test_a_monitor_reads_what_was_cosigned_with_both_signatures(world: World) -> None:
    kent, (leeds,) = world["kent"], world.member("leeds").cosigners
    assert monitored(world, kent.member.origin).status_code == 404
    line = ask(world, grown(kent, 0, 3)).content
    response = monitored(world, kent.member.origin)
    assert answered(response) == (200, NOTE)
    assert response.content.endswith(line)
    assert kent.member.origin in response.text
    assert len(cosignatures(response.content, [leeds])) == 1


def test_a_monitor_that_asks_for_nothing_that_is_finds_nothing(world: World) -> None:
    url = world.member("leeds").url
    for digest in ("0" * 64, "x" * 64, "0" * 63, sha256(b"kent").hexdigest().upper()):
        assert requests.get(f"{url}/{digest}/checkpoint", timeout=30).status_code == 404
