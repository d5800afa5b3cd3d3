"""Payloads missing, wrong, erased or retired: the log goes on, and nothing false is shown."""

import sqlite3
from collections.abc import Callable

import pytest
from sqlalchemy import select

import federation.fetching
from federation import OwnLog, audit_logs, follow, reading, statements, tables
from federation.errors import PayloadsWanting
from federation.tables import Payload
from protocols.entries import erase_entry, pack_blobs, publish_entry, retire_entry, unpack_blobs
from protocols.errors import Malformed
from protocols.tiles import Tile
from tests.federation.servers import Change, body
from tests.federation.worlds import (
    DEVON,
    LEEDS,
    NOW,
    World,
    a_home,
    append_by_hand,
    blob_of,
    home_record,
    log_of,
    payload_states,
    records,
    set_aside,
    small_records,
    trouble,
    urns,
)

pytestmark = pytest.mark.both_databases(second_is_soak=True)

PAYLOADS = "/log/payloads/.*"
HELD, WANTING, NONE, ERASED = Payload.HELD, Payload.WANTING, Payload.NONE, Payload.ERASED


def blobs(change: Callable[[list[bytes]], list[bytes]], width: int) -> Change:
    """A change of a payload bundle's blobs."""
    return body(lambda data: pack_blobs(change(unpack_blobs(data, width))))


def without(*missing: int) -> Callable[[list[bytes]], list[bytes]]:
    return lambda given: [b"" if at in missing else blob for at, blob in enumerate(given)]


def published(home: bytes, salt: int = 0, replaces: int | None = None) -> tuple[bytes, bytes]:
    blob = blob_of(home, salt)
    return publish_entry(blob, NOW, replaces), blob


def retired(index: int) -> tuple[bytes, None]:
    return retire_entry(index, NOW), None


def erased(*indexes: int) -> tuple[bytes, None]:
    return erase_entry(indexes, NOW), None


# --- Wanting, and repaired ------------------------------------------------------------------------


def flip_in(number: int) -> Callable[[list[bytes]], list[bytes]]:
    def flip(given: list[bytes]) -> list[bytes]:
        given[number] = given[number][:-1] + bytes([given[number][-1] ^ 1])
        return given

    return flip


@pytest.mark.parametrize(
    "change",
    [
        flip_in(1),
        without(1),
        lambda given: [given[0], given[2], given[2]],
        lambda given: [given[0], given[1] + b" ", given[2]],
        lambda given: [given[0], given[1][32:], given[2]],
    ],
    ids=["one flipped bit", "missing", "another's", "longer", "without its salt"],
)
def test_an_entry_counts_while_its_payload_is_not_the_one_it_names(
    world: World, change: Callable[[list[bytes]], list[bytes]]
) -> None:
    world.publish_homes("kent", a_home("U1"), a_home("U2"), a_home("U3"))
    world.hostile("kent").on(PAYLOADS, blobs(change, 3))
    with pytest.raises(PayloadsWanting, match="1 payloads are missing"):
        world.follow("leeds", "kent")
    leeds = world["leeds"]
    assert log_of(leeds, "kent").root == log_of_author(world).root
    assert payload_states(leeds, "kent") == [HELD, WANTING, HELD]
    assert urns(leeds) == ["U1", "U3"]
    assert records(leeds, "kent") == [home_record("U1"), home_record("U3")]
    assert "1 payloads are missing" in str(trouble(leeds, "kent"))
    world.hostile("kent").honest()
    assert world.follow("leeds", "kent") == 0
    assert payload_states(leeds, "kent") == [HELD] * 3
    assert urns(leeds) == ["U1", "U2", "U3"]
    assert trouble(leeds, "kent") is None
    assert all(audited.problem is None for audited in audit_logs(leeds))


def log_of_author(world: World):  # type: ignore[no-untyped-def]
    kent = world["kent"]
    follow(kent, kent.member, OwnLog(kent.node_db))
    return log_of(kent, "kent")


def test_a_log_goes_on_past_a_payload_that_never_comes(world: World) -> None:
    world.publish_homes("kent", a_home("U1"), a_home("U2"))
    world.hostile("kent").on("/log/payloads/000.p/2", blobs(without(0), 2))
    world.hostile("kent").on("/log/payloads/000.p/3", blobs(without(0), 3))
    for later in ("U3", None):
        with pytest.raises(PayloadsWanting):
            world.follow("leeds", "kent")
        if later:
            world.publish_homes("kent", a_home(later))
    assert urns(world["leeds"]) == ["U2", "U3"]


def test_a_bundle_that_cannot_be_taken_apart_stops_its_log_alone(world: World) -> None:
    world.publish_homes("kent", a_home("U1"))
    world.hostile("kent").on(PAYLOADS, body(lambda data: b"\x00\x00\x01" + data[3:]))
    with pytest.raises(Malformed, match="payload bundle"):
        world.follow("leeds", "kent")
    assert log_of(world["leeds"], "kent").size == 0
    world.hostile("kent").honest()
    assert world.follow("leeds", "kent") == 1


def test_trouble_with_payloads_is_dated_from_when_it_began(world: World) -> None:
    world.publish_homes("kent", a_home("U1"))
    world.hostile("kent").on(PAYLOADS, blobs(without(0), 1))
    began = world.turn.now
    for _ in range(3):
        with pytest.raises(PayloadsWanting):
            world.follow("leeds", "kent")
        world.turn.forward(hours=1)
    with reading(world["leeds"].replica) as connection:
        since = select(tables.log.c.trouble_since).where(tables.log.c.node == "kent")
        assert connection.scalar(since) == began


def test_payloads_that_never_come_keep_none_of_the_others_from_repair(world: World) -> None:
    world.publish("kent", *small_records(700))
    never = set(range(300))
    first = [r"/log/payloads/000", r"/log/payloads/001", r"/log/payloads/002\.p/188"]
    for path, width in zip(first, (256, 256, 188), strict=True):
        world.hostile("kent").on(path, blobs(without(*range(256)), width))
    with pytest.raises(PayloadsWanting):
        world.follow("leeds", "kent")
    assert payload_states(world["leeds"], "kent") == [WANTING] * 700
    world.hostile("kent").honest()
    world.hostile("kent").on(first[0], blobs(without(*never), 256))
    world.hostile("kent").on(first[1], blobs(without(*range(44)), 256))
    for _ in range(20):
        with pytest.raises(PayloadsWanting):
            world.follow("leeds", "kent")
    assert payload_states(world["leeds"], "kent") == [WANTING] * 300 + [HELD] * 400


def test_a_bundle_that_is_broken_keeps_none_of_the_others_from_repair(world: World) -> None:
    world.publish("kent", *small_records(700))
    world.hostile("kent").on("/log/payloads/000", blobs(without(*range(256)), 256))
    world.hostile("kent").on("/log/payloads/001", blobs(without(*range(256)), 256))
    with pytest.raises(PayloadsWanting):
        world.follow("leeds", "kent")
    world.hostile("kent").honest()
    world.hostile("kent").on("/log/payloads/000", body(lambda _: b"broken"))
    for _ in range(20):
        with pytest.raises(Malformed):
            world.follow("leeds", "kent")
    assert payload_states(world["leeds"], "kent") == [WANTING] * 256 + [HELD] * 444


# --- Retired and erased ---------------------------------------------------------------------------


@pytest.mark.parametrize("batch_tiles", [1, 32])
def test_a_home_that_is_retired_leaves_the_search_and_stays_readable(
    world: World, batch_tiles: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(federation.fetching, "BATCH_TILES", batch_tiles)
    append_by_hand(world["kent"], published(home_record("U1")), published(home_record("U2"), 1))
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == ["U1", "U2"]
    append_by_hand(world["kent"], retired(0))
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == ["U2"]
    assert payload_states(world["leeds"], "kent") == [HELD, HELD, NONE]
    assert trouble(world["leeds"], "kent") is None


def test_a_home_that_is_erased_leaves_the_search_and_its_bytes_the_table(world: World) -> None:
    append_by_hand(world["kent"], published(home_record("U1")), published(home_record("U2"), 1))
    world.follow("leeds", "kent")
    append_by_hand(world["kent"], erased(0))
    world.follow("leeds", "kent")
    leeds = world["leeds"]
    assert urns(leeds) == ["U2"]
    assert records(leeds, "kent") == [home_record("U2")]
    assert payload_states(leeds, "kent") == [ERASED, HELD, NONE]
    assert trouble(leeds, "kent") is None
    assert all(audited.problem is None for audited in audit_logs(leeds))
    assert world.follow("leeds", "kent") == 0


def test_what_is_erased_is_gone_from_the_files_too(world: World) -> None:
    secret = home_record("U1", name="Sycamore Xylophone House")
    append_by_hand(world["kent"], published(secret), published(home_record("U2"), 1))
    world.follow("leeds", "kent")
    leeds = world["leeds"]
    assert world.database.holds(leeds.folder, "replica", b"Xylophone")
    append_by_hand(world["kent"], erased(0))
    world.follow("leeds", "kent")
    assert not world.database.holds(leeds.folder, "replica", b"ylophon")


def test_every_version_that_is_named_is_erased_at_once(world: World) -> None:
    append_by_hand(
        world["kent"],
        published(home_record("U1", places=1)),
        published(home_record("U1", places=2), 1, replaces=0),
        published(home_record("U1", places=3), 2, replaces=1),
    )
    world.follow("leeds", "kent")
    append_by_hand(world["kent"], erased(0, 1, 2))
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == []
    assert records(world["leeds"], "kent") == []


@pytest.mark.parametrize("ending", [retired, erased], ids=["retired", "erased"])
def test_who_comes_late_shows_nothing_that_is_retired_or_erased(world: World, ending) -> None:  # type: ignore[no-untyped-def]
    kept = [HELD] if ending is retired else [ERASED]
    append_by_hand(
        world["kent"],
        published(home_record("U1")),
        published(home_record("U2"), 1),
        ending(0),
        published(home_record("ELSEWHERE", LEEDS), 2),
        ending(3),
    )
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == ["U2"]
    assert set_aside(world["leeds"]) == {}
    assert payload_states(world["leeds"], "kent") == [*kept, HELD, NONE, *kept, NONE]


def test_who_comes_late_needs_no_payload_that_was_erased(world: World) -> None:
    append_by_hand(world["kent"], published(home_record("U1")), erased(0))
    world.hostile("kent").on(PAYLOADS, blobs(without(0), 2))
    world.follow("leeds", "kent")
    assert payload_states(world["leeds"], "kent") == [ERASED, NONE]
    assert trouble(world["leeds"], "kent") is None


@pytest.mark.parametrize("batches", ["one", "several"])
def test_a_home_that_replaces_one_of_another_number_takes_it_out(
    world: World, batches: str
) -> None:
    append_by_hand(world["kent"], published(home_record("U1")))
    if batches == "several":
        world.follow("leeds", "kent")
    append_by_hand(world["kent"], published(home_record("U2"), 1, replaces=0))
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == ["U2"]


@pytest.mark.parametrize("batches", ["one", "several"])
def test_when_the_latest_of_a_home_is_retired_no_earlier_one_comes_back(
    world: World, batches: str
) -> None:
    append_by_hand(world["kent"], published(home_record("U1", places=1)))
    if batches == "several":
        world.follow("leeds", "kent")
    append_by_hand(world["kent"], published(home_record("U1", places=2), 1), retired(1))
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == []


def test_a_payload_that_comes_after_its_home_was_retired_does_not_bring_it_back(
    world: World,
) -> None:
    append_by_hand(world["kent"], published(home_record("U1")))
    world.hostile("kent").on("/log/payloads/000.p/1", blobs(without(0), 1))
    with pytest.raises(PayloadsWanting):
        world.follow("leeds", "kent")
    append_by_hand(world["kent"], retired(0))
    world.follow("leeds", "kent")
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == []
    assert trouble(world["leeds"], "kent") is None


class Overtaking(OwnLog):
    """A log from which another process reads on while we ask for payloads."""

    def __init__(self, world: World) -> None:
        super().__init__(world["kent"].node_db)
        self._world = world

    def payloads(self, tile: Tile) -> bytes:
        given = super().payloads(tile)
        append_by_hand(self._world["kent"], erased(0))
        follow(
            self._world["leeds"], self._world.member("kent"), OwnLog(self._world["kent"].node_db)
        )
        return given


def test_a_payload_that_comes_while_another_process_erases_it_is_not_kept(world: World) -> None:
    append_by_hand(world["kent"], published(home_record("U1")))
    world.hostile("kent").on(PAYLOADS, blobs(without(0), 1))
    with pytest.raises(PayloadsWanting):
        world.follow("leeds", "kent")
    follow(world["leeds"], world.member("kent"), Overtaking(world))
    assert payload_states(world["leeds"], "kent")[0] == ERASED
    assert records(world["leeds"], "kent") == []
    assert urns(world["leeds"]) == []


def test_any_number_of_entries_can_be_replaced_and_erased_in_one_batch(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statements, "MOST_IN", 100)
    leeds = world["leeds"]
    if world.database.kind == "sqlite":
        with leeds.replica.connect() as connection:  # the only one in the pool
            limit = sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER
            connection.connection.driver_connection.setlimit(limit, 110)  # type: ignore[union-attr]
    homes = [published(home_record(f"U{number}"), number) for number in range(40)]
    others = [published(b"{}", number) for number in range(300)]
    again = [published(b"{}", number, replaces=40 + number) for number in range(300)]
    append_by_hand(world["kent"], *homes, *others, *again, erased(*range(40, 640)))
    world.follow("leeds", "kent")
    assert payload_states(leeds, "kent") == [HELD] * 40 + [ERASED] * 600 + [NONE]
    assert len(urns(leeds)) == 20


def test_what_one_log_erases_touches_no_other(found) -> None:  # type: ignore[no-untyped-def]
    world = found("kent", "leeds", "devon")
    append_by_hand(world["kent"], published(home_record("U1")))
    append_by_hand(world["devon"], published(home_record("U2", DEVON)))
    for author in ("kent", "devon"):
        world.follow("leeds", author)
    append_by_hand(world["devon"], erased(0))
    world.follow("leeds", "devon")
    assert urns(world["leeds"]) == ["U1"]
    assert payload_states(world["leeds"], "kent") == [HELD]


# --- Entries that are none ------------------------------------------------------------------------


def test_bytes_that_are_no_entry_count_for_the_tree_alone(world: World) -> None:
    append_by_hand(
        world["kent"],
        (b"", b""),
        (b"not an entry", b"and not its payload"),
        (b'{"v":2,"op":"publish"}', None),
        (erase_entry([9], NOW), None),
        (bytes(65_535), None),
        published(home_record("U1")),
    )
    assert world.follow("leeds", "kent") == 6
    assert urns(world["leeds"]) == ["U1"]
    assert payload_states(world["leeds"], "kent") == [NONE] * 5 + [HELD]
    assert trouble(world["leeds"], "kent") is None


def test_an_entry_cannot_erase_what_comes_after_it(world: World) -> None:
    append_by_hand(world["kent"], erased(0), erased(1), published(home_record("U1")))
    world.follow("leeds", "kent")
    assert payload_states(world["leeds"], "kent") == [NONE, NONE, HELD]
