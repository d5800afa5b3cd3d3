"""Checking a log from outside: all of it, in little memory, and nothing that was changed passes."""

import tracemalloc
from collections.abc import Callable

import msgspec
import pytest
from werkzeug.wrappers import Response

from federation import Progress, Traffic, Trust, WholeLog, find_log, verify_whole_log
from federation.errors import PeerRefused
from protocols.checkpoint import Checkpoint, sign_checkpoint
from protocols.encoding import b64url
from protocols.errors import (
    BadSignature,
    Inconsistent,
    Malformed,
    ProtocolError,
    QuorumMissing,
    Rollback,
    UnknownKey,
)
from protocols.members import Key
from protocols.merkle import Frontier, leaf_hash, split_hashes
from protocols.policy import parse_policy
from protocols.tiles import TILE_WIDTH, Tile, pack_entries
from tests.federation.servers import body, flipped
from tests.federation.worlds import World, own_checkpoint, small_records

ENTRIES = 700


@pytest.fixture(scope="module")
def world(found_once: Callable[..., World]) -> World:
    """Kent, with a log of three tiles."""
    made = found_once("kent")
    made.publish("kent", *small_records(100))
    note = own_checkpoint(made["kent"])
    made.publish("kent", *small_records(ENTRIES - 100))
    (made.folder / "first").write_bytes(note)
    return made


def first(world: World) -> bytes:
    """The checkpoint of the first hundred entries."""
    return (world.folder / "first").read_bytes()


def trust(world: World) -> Trust:
    return Trust(world.member("kent").log_verifiers)


def check(world: World, one: Trust | None = None, since: bytes | None = None) -> WholeLog:
    log = find_log(world.member("kent").url, Traffic())
    try:
        return verify_whole_log(log, one or trust(world), since)
    finally:
        log.close()


def test_a_whole_log_is_read_and_sound(world: World) -> None:
    traffic, seen = Traffic(), list[Progress]()
    log = find_log(f"{world.member('kent').url}/log", traffic)
    whole = verify_whole_log(log, trust(world), first(world), seen.append)
    log.close()
    assert (whole.head.checkpoint.size, whole.bundles, whole.tiles) == (ENTRIES, 3, 4)
    assert whole.earlier == 100
    assert whole.note == own_checkpoint(world["kent"])
    assert (seen[-1].size, seen[-1].target) == (ENTRIES, ENTRIES)
    assert 0 < traffic.requests < 20


@pytest.mark.parametrize(
    ("path", "bit"),
    [
        ("/log/tile/0/000", 8 * 40),
        ("/log/tile/0/002.p/188", 8 * 32 * 188 - 1),
        ("/log/tile/1/000.p/2", 8 * 32),
        ("/log/tile/entries/001", 8 * 300),
        ("/log/tile/entries/002.p/188", 8 * 40),
    ],
)
def test_one_bit_of_any_tile_or_bundle_is_noticed(world: World, path: str, bit: int) -> None:
    world.hostile("kent").on(path, flipped(bit))
    try:
        with pytest.raises((Inconsistent, Malformed)):
            check(world)
    finally:
        world.hostile("kent").honest()


def test_a_root_that_entries_and_tiles_do_not_give_is_refused(world: World) -> None:
    """They fit each other, and are not what was signed."""
    log = Repeating(world, TILE_WIDTH * 4, b"r" * 32)
    with pytest.raises(Inconsistent, match="another root"):
        verify_whole_log(log, trust(world))


def test_a_checkpoint_by_another_key_or_over_other_bytes_is_refused(world: World) -> None:
    other = Trust(tuple(one for one in world.member("kent").cosigners))
    with pytest.raises(UnknownKey):
        check(world, other)
    world.hostile("kent").on("/log/checkpoint", body(lambda note: note.replace(b"\n700", b"\n701")))
    try:
        with pytest.raises(BadSignature):
            check(world)
    finally:
        world.hostile("kent").honest()


def test_an_earlier_checkpoint_of_a_longer_or_another_log_is_noticed(
    world: World, found: Callable[..., World]
) -> None:
    now, before = own_checkpoint(world["kent"]), first(world)
    world.hostile("kent").on("/log/checkpoint", body(lambda _: before))
    try:
        with pytest.raises(Rollback):
            check(world, since=now)
    finally:
        world.hostile("kent").honest()
    with pytest.raises(ProtocolError):
        check(world, since=before.replace(b"\n100\n", b"\n101\n"))
    with pytest.raises(Malformed):
        check(world, since=b"not a checkpoint")


def test_what_the_charter_says_that_a_log_was_is_held_against_it(world: World) -> None:
    member = world.member("kent")
    (key,) = member.log_keys
    ended = Key(key.purpose, key.public, 0, 100, "A" * 43)
    changed = msgspec.structs.replace(member, keys=(*member.keys, ended))
    with pytest.raises(Inconsistent):
        check(world, Trust(members=(changed,)))
    assert check(world, Trust(members=(member,))).head.checkpoint.size == ENTRIES


def test_a_key_that_the_charter_has_ended_signs_no_more(world: World) -> None:
    member = world.member("kent")
    (key,) = member.log_keys
    ended = Key(key.purpose, key.public, 0, 10_000, "A" * 43)
    keys = (ended, *(one for one in member.keys if one != key))
    changed = msgspec.structs.replace(member, keys=keys)
    with pytest.raises(UnknownKey):
        check(world, Trust(members=(changed,)))


def test_a_policy_that_asks_for_no_cosignature_vouches_for_no_ended_key(world: World) -> None:
    member = world.member("kent")
    (key,) = member.log_keys
    ended = Key(key.purpose, key.public, 0, 10_000, "A" * 43)
    keys = (ended, *(one for one in member.keys if one != key))
    changed = msgspec.structs.replace(member, keys=keys)
    with pytest.raises(UnknownKey):
        check(world, Trust(members=(changed,), policy=parse_policy(b"quorum none\n")))


def test_an_ended_key_is_believed_for_the_root_that_the_charter_names(world: World) -> None:
    member = world.member("kent")
    (key,) = member.log_keys
    root = b64url(check(world).head.checkpoint.root)
    ended = Key(key.purpose, key.public, 0, ENTRIES, root)
    keys = (ended, *(one for one in member.keys if one != key))
    trusted = Trust(members=(msgspec.structs.replace(member, keys=keys),))
    assert check(world, trusted).head.checkpoint.size == ENTRIES


def test_a_policy_s_quorum_has_to_have_cosigned(world: World) -> None:
    (witness,) = world.member("kent").cosigners
    policy = parse_policy(f"witness w {witness.vkey}\nquorum w\n".encode())
    with pytest.raises(QuorumMissing):
        check(world, Trust(world.member("kent").log_verifiers, policy=policy))


def test_a_log_may_have_dropped_a_partial_tile_whose_full_one_has_come(world: World) -> None:
    """C2SP tlog-tiles: the full tile stands in for it, and what is beyond it is not looked at."""
    gone = Response("gone", 404)
    world.hostile("kent").on("/log/checkpoint", body(lambda _: first(world)))
    world.hostile("kent").on("/log/tile/.*[.]p/100", lambda _: gone)
    try:
        assert check(world).head.checkpoint.size == 100
        world.hostile("kent").on("/log/tile/.*/000", lambda _: gone)
        with pytest.raises(PeerRefused):
            check(world)
    finally:
        world.hostile("kent").honest()


def test_an_empty_log_is_sound(found: Callable[..., World]) -> None:
    empty = found("kent")
    empty.publish("kent")
    assert check(empty).head.checkpoint.size == 0


def test_memory_does_not_grow_with_the_log(world: World) -> None:
    """Two logs of the same entry again and again, one six times as long."""
    most = []
    for entries in (TILE_WIDTH * 20, TILE_WIDTH * 120):
        log = Repeating(world, entries)
        tracemalloc.start()
        assert verify_whole_log(log, trust(world)).bundles == entries // TILE_WIDTH
        most.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert most[1] - most[0] < 1_000_000  # 25,000 hashes more would be twice as much


class Repeating:
    """A log of one entry, again and again."""

    def __init__(self, world: World, size: int, root: bytes | None = None) -> None:
        tile = leaf_hash(b"x") * TILE_WIDTH
        above = Frontier().extend(split_hashes(tile))[0].root()
        whole = Frontier().extend([above] * (size // TILE_WIDTH))[0].root()
        head = Checkpoint(world.member("kent").origin, size, root or whole)
        self._note = sign_checkpoint(head, world["kent"].log_signers(0)[0])
        self._hashes = {0: leaf_hash(b"x"), 1: above, 2: Frontier().extend([above] * 256)[0].root()}

    def checkpoint(self) -> bytes:
        return self._note

    def tile(self, tile: Tile) -> bytes:
        return self._hashes[tile.level] * tile.width

    def entries(self, tile: Tile) -> bytes:
        return pack_entries([b"x"] * tile.width)
