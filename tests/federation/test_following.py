"""Following a log over HTTP: what is verified stays, and what does not verify never counts."""

import msgspec
import pytest
from sqlalchemy import select
from werkzeug.wrappers import Response

import federation.fetching
import federation.following
from federation import Node, OwnLog, follow, reading, tables
from federation.errors import ForkFound, Overtaken, PeerMisbehaved, PeerRefused, QuotaExceeded
from federation.keystore import KeyStore
from protocols.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from protocols.errors import (
    BadSignature,
    Inconsistent,
    Malformed,
    ProtocolError,
    Rollback,
    UnknownKey,
)
from protocols.keys import Purpose
from protocols.merkle import EMPTY_ROOT
from protocols.note import NoteSigner
from protocols.tiles import Tile, pack_entries, unpack_entries
from tests.federation.servers import body, flipped
from tests.federation.worlds import (
    World,
    a_home,
    found,
    home_record,
    log_of,
    own_records,
    publish,
    records,
    small_records,
    trouble,
    urns,
)

# What a peer may lie about is the same on both; what is stored is tried on both each time.
pytestmark = pytest.mark.both_databases(second_is_soak=True)

CHECKPOINT = "/log/checkpoint"
HASHES = r"/log/tile/\d+/.*"
ENTRIES = "/log/tile/entries/.*"


def signed(checkpoint: Checkpoint, node: Node) -> bytes:
    return sign_checkpoint(checkpoint, *node.log_signers(checkpoint.size))


@pytest.mark.both_databases
@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 700])
def test_a_log_is_followed_to_its_end(world: World, size: int) -> None:
    world.publish("kent", *small_records(size))
    assert world.follow("leeds", "kent") == size
    assert records(world["leeds"], "kent") == small_records(size)
    held, theirs = world.log("leeds", "kent"), OwnLog(world["kent"].node_db).checkpoint()
    assert (held.size, held.root) == (size, checkpoint_of(theirs).root)
    assert held.checkpoint == theirs
    assert held.trouble is None


@pytest.mark.both_databases
def test_a_log_is_followed_further_from_where_it_was_left(world: World) -> None:
    all_of_it = small_records(780)
    for start, end in [(0, 3), (3, 256), (256, 300), (300, 780)]:
        world.publish("kent", *all_of_it[start:end])
        assert world.follow("leeds", "kent") == end - start
    assert records(world["leeds"], "kent") == all_of_it
    assert world.follow("leeds", "kent") == 0


def test_what_is_held_already_is_not_asked_for_again(world: World) -> None:
    world.publish("kent", *small_records(600))
    world.follow("leeds", "kent")
    world.hostile("kent").asked.clear()
    world.follow("leeds", "kent")
    assert world.hostile("kent").asked == [CHECKPOINT]
    world.publish("kent", *small_records(1))
    world.follow("leeds", "kent")
    asked = world.hostile("kent").asked
    assert [path for path in asked if "entries" in path] == ["/log/tile/entries/002.p/89"]


@pytest.mark.parametrize("size", [7, 600])
def test_one_new_record_costs_the_same_requests_however_long_the_log(
    world: World, size: int
) -> None:
    world.publish("kent", *small_records(size))
    world.follow("leeds", "kent")
    world.publish("kent", *small_records(1))
    world.hostile("kent").asked.clear()
    world.follow("leeds", "kent")
    kinds = [path.split("/")[-3 if ".p/" in path else -1] for path in world.hostile("kent").asked]
    assert kinds == ["checkpoint", "entries", "token", "payloads"]


@pytest.mark.both_databases
def test_a_node_follows_itself_as_it_follows_others(world: World) -> None:
    world.publish_homes("kent", a_home("U1"))
    kent = world["kent"]
    assert follow(kent, kent.member, OwnLog(kent.node_db)) == 1
    assert urns(kent) == ["U1"]


# --- One flipped bit ------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["origin", "size", "root", "signature"])
def test_one_flipped_bit_in_a_checkpoint_is_refused(world: World, where: str) -> None:
    world.publish("kent", *small_records(5))
    note = OwnLog(world["kent"].node_db).checkpoint()
    lines = note.split(b"\n")
    at = {"origin": 0, "size": 1, "root": 2, "signature": 4}[where]
    byte = sum(len(line) + 1 for line in lines[:at]) + len(lines[at]) - 5 * (at > 1) - (at <= 1)
    world.hostile("kent").on(CHECKPOINT, flipped(8 * byte))
    with pytest.raises((BadSignature, Malformed, UnknownKey)):
        world.follow("leeds", "kent")
    nothing_came_and_all_comes_later(world, 5)


@pytest.mark.parametrize("bit", [0, 8 * 32 * 100 + 3, -1])
def test_one_flipped_bit_in_a_tile_that_a_proof_needs_is_refused(
    world: World, bit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(federation.following, "BATCH_ENTRIES", 256)
    world.publish("kent", *small_records(300))
    world.follow("leeds", "kent")
    world.publish("kent", *small_records(400))
    held = world.log("leeds", "kent")
    for needed in needed_tiles(world):
        world.hostile("kent").on(needed, body(lambda data: turn(data, bit)))
        try:
            world.follow("leeds", "kent")
        except Inconsistent:
            break
    else:
        pytest.fail("no tile that was asked for was needed")
    after = world.log("leeds", "kent")
    assert (after.size, after.root, after.checkpoint) == (300, held.root, held.checkpoint)
    assert "does not begin with what was verified" in str(after.trouble)
    world.hostile("kent").honest()
    assert world.follow("leeds", "kent") == 400
    assert trouble(world["leeds"], "kent") is None


def needed_tiles(world: World) -> list[str]:
    """The tiles of hashes from which a reader of the whole log makes its proofs."""
    with found(world.folder / "needed", "devon", "norfolk", clock=world.clock) as other:
        other.publish("devon", *small_records(300))
        other.follow("norfolk", "devon")
        other.publish("devon", *small_records(400))
        other.hostile("devon").asked.clear()
        other.follow("norfolk", "devon")
        asked = other.hostile("devon").asked
    return [path for path in asked if path.startswith("/log/tile/") and "entries" not in path]


@pytest.mark.parametrize("bit", [0, 8 * 1000, -1], ids=["length", "middle", "end"])
def test_one_flipped_bit_in_an_entry_is_refused(world: World, bit: int) -> None:
    world.publish("kent", *small_records(300))
    world.hostile("kent").on(f"{ENTRIES}000", body(lambda data: turn(data, bit)))
    with pytest.raises((Inconsistent, Malformed)):
        world.follow("leeds", "kent")
    nothing_came_and_all_comes_later(world, 300)


def turn(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8 % len(data)] ^= 1 << bit % 8
    return bytes(changed)


def nothing_came_and_all_comes_later(world: World, size: int) -> None:
    leeds = world["leeds"]
    assert log_of(leeds, "kent").size == 0
    assert log_of(leeds, "kent").checkpoint is None
    assert records(leeds, "kent") == []
    assert trouble(leeds, "kent")
    world.hostile("kent").honest()
    assert world.follow("leeds", "kent") == size
    assert trouble(leeds, "kent") is None


# --- Entries that are not the log's ---------------------------------------------------------------


def entries_changed(change) -> object:  # type: ignore[no-untyped-def]
    return body(lambda data: pack_entries(change(unpack_entries(data, 5))))


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: entries[::-1],
        lambda entries: [entries[0], *entries[:4]],
        lambda entries: entries[:4],
        lambda entries: [*entries, entries[0]],
        lambda entries: [],
    ],
    ids=["turned round", "one twice", "one missing", "one more", "none"],
)
def test_entries_in_another_order_or_number_are_refused(world: World, change) -> None:  # type: ignore[no-untyped-def]
    world.publish("kent", *small_records(5))
    world.hostile("kent").on(ENTRIES, entries_changed(change))  # type: ignore[arg-type]
    with pytest.raises((Inconsistent, Malformed)):
        world.follow("leeds", "kent")
    nothing_came_and_all_comes_later(world, 5)


@pytest.mark.parametrize("path", [CHECKPOINT, ENTRIES, "/log/payloads/.*", "/token"])
@pytest.mark.parametrize("status", [404, 500, 301])
def test_whatever_a_peer_does_not_give_is_reported_and_asked_for_again(
    world: World, path: str, status: int
) -> None:
    world.publish("kent", *small_records(5))
    world.hostile("kent").on(path, lambda _: Response("no", status, {"Location": "/elsewhere"}))
    with pytest.raises(PeerRefused, match=f"answered {status}"):
        world.follow("leeds", "kent")
    nothing_came_and_all_comes_later(world, 5)


@pytest.mark.parametrize("path", [CHECKPOINT, ENTRIES, "/log/payloads/.*", "/token"])
@pytest.mark.parametrize("answer", [b"", b"<html>", b"\x00" * 3, b"x" * 2_000_000, b"\xff\n\n\xff"])
def test_garbage_in_any_place_is_refused(world: World, path: str, answer: bytes) -> None:
    world.publish("kent", *small_records(5))
    world.hostile("kent").on(path, body(lambda _: answer))
    with pytest.raises((ProtocolError, PeerMisbehaved)):
        world.follow("leeds", "kent")
    nothing_came_and_all_comes_later(world, 5)


@pytest.mark.parametrize(
    "token",
    [
        {"access_token": "x\r\nHost: elsewhere", "expires_in": 60, "token_type": "Bearer"},
        {"access_token": "\N{SNOWMAN}", "expires_in": 60, "token_type": "Bearer"},
        {"access_token": "", "expires_in": 60, "token_type": "Bearer"},
        {"access_token": "x" * 60_000, "expires_in": 60, "token_type": "Bearer"},
        {"access_token": "x", "expires_in": 2**62, "token_type": "Bearer"},
        {"access_token": "x", "expires_in": -(2**62), "token_type": "Bearer"},
        {"access_token": "x", "expires_in": 60, "token_type": "Mac"},
    ],
)
def test_a_token_that_is_none_is_refused(world: World, token: dict[str, object]) -> None:
    world.publish("kent", *small_records(5))
    world.hostile("kent").on("/token", body(lambda _: msgspec.json.encode(token)))
    with pytest.raises(PeerMisbehaved, match="no token"):
        world.follow("leeds", "kent")
    nothing_came_and_all_comes_later(world, 5)


# --- Checkpoints that contradict what is held -----------------------------------------------------


def twin_of_kent(world: World) -> Node:
    """A second node with Kent's keys and Kent's log as it is now: from here they can part."""
    return world.another("kent", world.copy("kent"))


def test_a_checkpoint_smaller_than_what_is_held_is_a_rollback(world: World) -> None:
    world.publish("kent", *small_records(3))
    earlier = world.another("kent", world.copy("kent"))
    world.publish_homes("kent", a_home("U1"))
    world.follow("leeds", "kent")
    held = world.log("leeds", "kent")
    world.serve("kent", earlier)
    with pytest.raises(Rollback, match="size 3, after 4"):
        world.follow("leeds", "kent")
    after = world.log("leeds", "kent")
    assert (after.size, after.root, after.checkpoint) == (4, held.root, held.checkpoint)
    assert urns(world["leeds"]) == ["U1"]
    assert "size 3, after 4" in str(after.trouble)


def test_an_empty_checkpoint_after_entries_is_a_rollback(world: World) -> None:
    world.publish("kent", *small_records(3))
    world.follow("leeds", "kent")
    kent = world["kent"]
    empty = signed(Checkpoint(kent.member.origin, 0, EMPTY_ROOT), kent)
    world.hostile("kent").on(CHECKPOINT, body(lambda _: empty))
    with pytest.raises(Rollback):
        world.follow("leeds", "kent")


@pytest.mark.parametrize("more", [1, 300], ids=["same size", "larger"])
def test_a_fork_signed_by_the_log_s_own_key_is_found(world: World, more: int) -> None:
    world.publish("kent", *small_records(3))
    twin = twin_of_kent(world)
    world.publish_homes("kent", a_home("U1"))
    world.follow("leeds", "kent")
    held = world.log("leeds", "kent")
    publish(twin, home_record("FORGED"), *small_records(more - 1))
    world.serve("kent", twin)
    with pytest.raises(Inconsistent):
        world.follow("leeds", "kent")
    after = world.log("leeds", "kent")
    assert (after.size, after.root, after.checkpoint) == (4, held.root, held.checkpoint)
    assert urns(world["leeds"]) == ["U1"]
    assert after.trouble
    world.open("kent")
    world.publish_homes("kent", a_home("U2"))
    with pytest.raises(ForkFound):  # until a charter says which of the two counts
        world.follow("leeds", "kent")
    assert urns(world["leeds"]) == ["U1"]


def test_a_fork_between_two_readers_is_found_by_who_sees_both(found) -> None:  # type: ignore[no-untyped-def]
    world = found("kent", "leeds", "devon")
    twin = twin_of_kent(world)
    world.publish("kent", *small_records(2))
    world.follow("leeds", "kent")
    publish(twin, *small_records(3)[1:])
    world.serve("kent", twin)
    world.follow("devon", "kent")
    assert world.log("leeds", "kent").root != world.log("devon", "kent").root
    with pytest.raises(Inconsistent):
        world.follow("leeds", "kent")


def test_a_log_signed_by_a_key_that_the_charter_does_not_name_is_refused(world: World) -> None:
    world.publish("kent", *small_records(3))
    keys = KeyStore.create(world.folder / "keys-of-nobody", [])
    nobody = NoteSigner(world["kent"].member.origin, keys.node_key(Purpose.LOG))

    def sign_again(data: bytes) -> bytes:
        return sign_checkpoint(checkpoint_of(data), nobody)

    world.hostile("kent").on(CHECKPOINT, body(sign_again))
    with pytest.raises(UnknownKey):
        world.follow("leeds", "kent")
    nothing_came_and_all_comes_later(world, 3)


def test_a_log_signed_by_another_member_is_refused(world: World) -> None:
    world.publish("kent", *small_records(3))
    leeds = NoteSigner(world["kent"].member.origin, world["leeds"].log_signers(0)[0].key)
    world.hostile("kent").on(CHECKPOINT, body(lambda d: sign_checkpoint(checkpoint_of(d), leeds)))
    with pytest.raises(UnknownKey):
        world.follow("leeds", "kent")


def test_a_log_signed_by_the_same_node_s_witness_key_is_refused(world: World) -> None:
    world.publish("kent", *small_records(3))
    kent = world["kent"]
    witness = NoteSigner(kent.member.origin, kent.keys.node_key(Purpose.WITNESS))

    def sign_again(data: bytes) -> bytes:
        text = checkpoint_of(data).text
        return (text + "\n" + witness.line(text.encode()) + "\n").encode()

    world.hostile("kent").on(CHECKPOINT, body(sign_again))
    with pytest.raises(UnknownKey):
        world.follow("leeds", "kent")


def test_the_checkpoint_of_another_log_is_refused(found) -> None:  # type: ignore[no-untyped-def]
    world = found("kent", "leeds", "devon")
    world.publish("devon", *small_records(3))
    world.serve("kent", world["devon"])
    with pytest.raises(UnknownKey):
        world.follow("leeds", "kent")


@pytest.mark.parametrize("origin", ["elsewhere/log", "elsewhere/log" * 1_000])
def test_another_origin_signed_by_the_log_s_own_key_is_refused(world: World, origin: str) -> None:
    world.publish("kent", *small_records(3))
    signer = world["kent"].log_signers(0)[0]

    def rename(data: bytes) -> bytes:
        text = f"{origin}\n{checkpoint_of(data).text.partition(chr(10))[2]}"
        return (text + "\n" + signer.line(text.encode()) + "\n").encode()

    world.hostile("kent").on(CHECKPOINT, body(rename))
    with pytest.raises(Malformed, match=r"of 'elsewhere/log.* instead of"):
        world.follow("leeds", "kent")
    assert len(str(trouble(world["leeds"], "kent"))) < 300
    nothing_came_and_all_comes_later(world, 3)


def test_a_checkpoint_of_more_entries_than_are_served_is_refused(world: World) -> None:
    world.publish("kent", *small_records(3))
    kent = world["kent"]
    more = Checkpoint(kent.member.origin, 5, bytes(32))
    world.hostile("kent").on(
        CHECKPOINT, body(lambda _: sign_checkpoint(more, kent.log_signers(0)[0]))
    )
    with pytest.raises((ProtocolError, PeerRefused)):
        world.follow("leeds", "kent")
    nothing_came_and_all_comes_later(world, 3)


@pytest.mark.parametrize("size", [11, 2**53, 2**63 - 1])
def test_a_log_longer_than_the_charter_allows_is_not_fetched(found, size: int) -> None:  # type: ignore[no-untyped-def]
    world = found("kent", "leeds", quota=10)
    world.publish("kent", *small_records(3))
    kent = world["kent"]
    more = Checkpoint(kent.member.origin, size, bytes(32))
    world.hostile("kent").on(
        CHECKPOINT, body(lambda _: sign_checkpoint(more, kent.log_signers(0)[0]))
    )
    with pytest.raises(QuotaExceeded, match=f"{size} entries; the charter allows 10"):
        world.follow("leeds", "kent")
    assert world.hostile("kent").asked == [CHECKPOINT]


# --- Batches, and several who follow --------------------------------------------------------------


@pytest.mark.both_databases
def test_what_was_verified_before_a_bad_batch_stays(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(federation.fetching, "BATCH_TILES", 1)
    world.publish("kent", *small_records(700))
    world.hostile("kent").on("/log/tile/entries/001", flipped(8 * 500))
    with pytest.raises(Inconsistent):
        world.follow("leeds", "kent")
    held = world.log("leeds", "kent")
    assert held.size == 256
    assert records(world["leeds"], "kent") == small_records(256)
    assert held.checkpoint is None
    world.hostile("kent").honest()
    assert world.follow("leeds", "kent") == 700 - 256
    assert records(world["leeds"], "kent") == small_records(700)


@pytest.mark.both_databases
def test_a_batch_that_ends_within_a_tile_is_followed_from_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(federation.fetching, "BATCH_TILES", 1)
    for count in (100, 200, 300):
        world.publish("kent", *small_records(count))
        assert world.follow("leeds", "kent") == count
    assert records(world["leeds"], "kent") == own_records(world["kent"])


class Interrupted(OwnLog):
    """A log whose reader is overtaken by another one just before the entries come."""

    def __init__(self, node: Node, overtake) -> None:  # type: ignore[no-untyped-def]
        super().__init__(node.node_db)
        self._overtake = overtake

    def entries(self, tile: Tile) -> bytes:
        if self._overtake:
            overtake, self._overtake = self._overtake, None
            overtake()
        return super().entries(tile)


@pytest.mark.both_databases
def test_a_reader_that_is_overtaken_applies_nothing_twice(world: World) -> None:
    world.publish("kent", *small_records(300))
    source = Interrupted(world["kent"], lambda: world.follow("leeds", "kent"))
    with pytest.raises(Overtaken):
        follow(world["leeds"], world["kent"].member, source)
    assert records(world["leeds"], "kent") == small_records(300)
    assert trouble(world["leeds"], "kent") is None
    assert world.follow("leeds", "kent") == 0


@pytest.mark.both_databases
def test_a_node_that_cannot_project_applies_nothing(world: World) -> None:
    world.publish_homes("kent", a_home("U1"))

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    broken = world.another("leeds", project=fail)
    peer = world.peer("leeds", "kent")
    with pytest.raises(OSError, match="disk"):
        follow(broken, world["kent"].member, peer)
    assert log_of(broken, "kent").size == 0
    assert follow(world["leeds"], world["kent"].member, peer) == 1
    assert urns(world["leeds"]) == ["U1"]


# --- What people are told -------------------------------------------------------------------------


@pytest.mark.both_databases
def test_trouble_is_dated_from_when_it_began_and_ends_when_it_ends(world: World) -> None:
    world.publish("kent", *small_records(3))
    began = world.turn.now
    world.sites["kent"].stop()
    for _ in range(3):
        with pytest.raises(Exception, match="cannot be reached"):
            world.follow("leeds", "kent")
        world.turn.forward(hours=1)
    assert trouble_since(world) == began
    world.sites["kent"].start()
    world.hostile("kent").on(ENTRIES, lambda _: Response("no", 503))
    with pytest.raises(PeerRefused, match="503"):
        world.follow("leeds", "kent")
    assert "503" in str(trouble(world["leeds"], "kent"))
    assert trouble_since(world) == began
    world.hostile("kent").honest()
    world.follow("leeds", "kent")
    assert trouble(world["leeds"], "kent") is None
    assert trouble_since(world) is None
    assert world.log("leeds", "kent").verified_at == world.turn.now


def trouble_since(world: World) -> object:
    with reading(world["leeds"].replica) as connection:
        return connection.scalar(
            select(tables.log.c.trouble_since).where(tables.log.c.node == "kent")
        )


def test_progress_is_reported_by_the_batch(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(federation.fetching, "BATCH_TILES", 1)
    world.publish("kent", *small_records(600))
    seen: list[tuple[int, int, int]] = []
    follow(
        world["leeds"],
        world.member("kent"),
        world.peer("leeds", "kent"),
        lambda progress: seen.append((progress.applied, progress.size, progress.target)),
    )
    assert seen == [(256, 256, 600), (512, 512, 600), (600, 600, 600)]


def checkpoint_of(note: bytes) -> Checkpoint:
    return parse_checkpoint(note.partition(b"\n\n")[0].decode() + "\n")
