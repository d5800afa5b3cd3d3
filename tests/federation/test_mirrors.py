"""A log whose author is away comes from whoever holds it, verified as if from its author."""

from collections.abc import Callable

import pytest
import requests
from sqlalchemy import update
from werkzeug.wrappers import Response

import federation.following
from federation import audit_logs, follow_anywhere, mirrors_of, tables, writing
from federation.errors import PayloadsWanting, PeerRefused
from federation.tables import Payload
from protocols.entries import erase_entry, pack_blobs, publish_entry, unpack_blobs
from protocols.tiles import Tile
from tests.federation.servers import Change, body, flipped
from tests.federation.worlds import (
    NOW,
    World,
    a_home,
    append_by_hand,
    blob_of,
    home_record,
    log_of,
    own_checkpoint,
    own_entries,
    payload_states,
    records,
    small_records,
    trouble,
    urns,
)
from tests.stranger.pystranger import check_log

pytestmark = pytest.mark.both_databases(second_is_soak=True)

AWAY = Response("nobody is at home", 503)
MIRRORED = "/mirror/kent/log/"


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent, whose log Leeds and Norfolk hold, and Devon, which has nothing yet."""
    return found("kent", "leeds", "norfolk", "devon")


def away(world: World, *names: str) -> None:
    for name in names:
        world.hostile(name).on(".*", lambda _: AWAY)


def join(world: World, *mirrors: str, reader: str = "devon") -> int:
    """Let a node follow Kent's log, with these mirrors in this order."""
    made = [mirrors_of("kent", [world.peer(reader, name)])[0] for name in mirrors]
    author = world.peer(reader, "kent")
    return follow_anywhere(world[reader], world.member("kent"), author, made).applied


def published(record: bytes, salt: int) -> tuple[bytes, bytes]:
    blob = blob_of(record, salt)
    return publish_entry(blob, NOW), blob


# --- What a mirror shows --------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 257, 700])
def test_a_stranger_accepts_a_mirror_s_copy_as_it_accepts_the_author_s(
    found: Callable[..., World], size: int
) -> None:
    world = found("kent", "leeds")
    world.publish("kent", *small_records(size))
    world.follow("leeds", "kent")
    member = world.member("kent")
    copy = f"{world.member('leeds').url}/mirror/kent/log"
    said = check_log(copy, member.log_verifiers[0].vkey)
    assert said == check_log(f"{member.url}/log", member.log_verifiers[0].vkey)
    assert said["size"] == size


def test_a_mirror_shows_no_more_than_its_last_verified_checkpoint_covers(world: World) -> None:
    world.publish("kent", *small_records(3))
    world.follow("leeds", "kent")
    earlier = log_of(world["leeds"], "kent").checkpoint
    world.publish("kent", *small_records(2))
    world.follow("leeds", "kent")
    with writing(world["leeds"].replica) as connection:  # as in the middle of catching up
        connection.execute(update(tables.log).values(checkpoint=earlier))
    copy = world.peer("devon", "leeds").mirror("kent")
    assert copy.checkpoint().split(b"\n")[1] == b"3"
    assert copy.entries(Tile(0, 0, 2))
    with pytest.raises(PeerRefused, match="404"):
        copy.entries(Tile(0, 0, 4))


def test_a_mirror_caches_as_the_author_does_and_never_a_payload(world: World) -> None:
    world.publish("kent", *small_records(3))
    world.follow("leeds", "kent")
    copy = world.member("leeds").url + MIRRORED
    caching = {
        path: requests.get(copy + path, timeout=5).headers["Cache-Control"]
        for path in ("checkpoint", "tile/0/000.p/3", "tile/entries/000.p/3", "payloads/000.p/3")
    }
    forever = "public, max-age=31536000, immutable"
    assert list(caching.values()) == ["public, max-age=1", forever, forever, "no-store"]


def test_a_log_that_is_not_held_is_not_there(world: World) -> None:
    for path in ("/mirror/kent/log/checkpoint", "/mirror/nobody/log/tile/0/000.p/1"):
        assert requests.get(world.member("leeds").url + path, timeout=5).status_code == 404


def test_what_a_mirror_does_not_hold_is_empty_in_its_bundle(world: World) -> None:
    append_by_hand(
        world["kent"],
        published(home_record("U1"), 1),
        published(home_record("U2"), 2),
        (erase_entry([0], NOW), None),
    )
    world.follow("leeds", "kent")
    bundle = world.peer("devon", "leeds").mirror("kent").payloads(Tile(0, 0, 3))
    assert unpack_blobs(bundle, 3) == [b"", blob_of(home_record("U2"), 2), b""]


def test_a_suspended_member_is_refused_the_payloads_that_a_mirror_holds(
    found: Callable[..., World],
) -> None:
    world = found("kent", "leeds", "norfolk", suspended=("norfolk",))
    world.publish_homes("kent", a_home("U1"))
    world.follow("leeds", "kent")
    copy = world.peer("norfolk", "leeds").mirror("kent")
    assert copy.checkpoint()
    assert copy.entries(Tile(0, 0, 1)) == copy.entries(Tile(0, 0, 1))
    with pytest.raises(PeerRefused):
        copy.payloads(Tile(0, 0, 1))


def test_nobody_is_given_payloads_of_a_mirror_without_a_token(world: World) -> None:
    world.publish_homes("kent", a_home("U1"))
    world.follow("leeds", "kent")
    path = f"{world.member('leeds').url}{MIRRORED}payloads/000.p/1"
    for headers in ({}, {"Authorization": "Bearer made-up"}):
        assert requests.get(path, headers=headers, timeout=5).status_code == 401


# --- The author is away ---------------------------------------------------------------------------


def test_a_newcomer_gets_the_records_of_an_author_that_is_away_from_a_mirror(world: World) -> None:
    world.publish("kent", *small_records(600))
    world.publish_homes("kent", a_home("U1"), a_home("U2"))
    world.follow("leeds", "kent")
    away(world, "kent")
    assert join(world, "leeds") == 602
    devon = world["devon"]
    assert urns(devon) == ["U1", "U2"]
    assert records(devon, "kent") == records(world["leeds"], "kent")
    assert log_of(devon, "kent").checkpoint == log_of(world["leeds"], "kent").checkpoint
    assert "answered 503" in str(trouble(devon, "kent"))
    assert {one.problem for one in audit_logs(devon)} == {None}


def test_a_mirror_of_a_mirror_is_as_good(world: World) -> None:
    world.publish_homes("kent", a_home("U1"))
    world.follow("leeds", "kent")
    away(world, "kent")
    assert join(world, "leeds", reader="norfolk") == 1
    away(world, "leeds")
    assert join(world, "leeds", "norfolk") == 1
    assert urns(world["devon"]) == ["U1"]


def test_when_the_author_is_back_nothing_is_said_of_it_any_more(world: World) -> None:
    world.publish_homes("kent", a_home("U1"))
    world.follow("leeds", "kent")
    away(world, "kent")
    join(world, "leeds")
    world.hostile("kent").honest()
    assert join(world, "leeds") == 0
    assert trouble(world["devon"], "kent") is None


def test_while_the_author_answers_no_mirror_is_asked(world: World) -> None:
    world.publish_homes("kent", a_home("U1"))
    world.follow("leeds", "kent")
    join(world, "leeds", "norfolk")
    assert not [path for name in ("leeds", "norfolk") for path in world.hostile(name).asked]


def test_a_mirror_that_gave_all_is_the_last_that_is_asked(world: World) -> None:
    world.publish_homes("kent", a_home("U1"))
    for name in ("leeds", "norfolk"):
        world.follow(name, "kent")
    away(world, "kent")
    join(world, "leeds", "norfolk")
    assert world.hostile("norfolk").asked == []


def test_payloads_that_the_author_does_not_give_come_from_mirrors(world: World) -> None:
    world.publish("kent", *small_records(2_500))
    world.publish_homes("kent", a_home("U1"), a_home("U2"))
    world.follow("leeds", "kent")
    world.hostile("kent").on("/log/payloads/.*", lambda _: AWAY)
    assert join(world, "norfolk", "leeds") == 2_502
    assert urns(world["devon"]) == ["U1", "U2"]
    assert set(payload_states(world["devon"], "kent")) == {Payload.HELD}


def test_payloads_that_the_author_has_lost_come_from_mirrors(world: World) -> None:
    world.publish("kent", *small_records(2_500))
    world.follow("leeds", "kent")
    with writing(world["kent"].node_db) as connection:
        connection.execute(update(tables.own_entry).values(blob=None))
    assert join(world, "leeds") == 2_500
    assert set(payload_states(world["devon"], "kent")) == {Payload.HELD}


def test_where_neither_author_nor_mirror_can_be_asked_the_author_s_trouble_is_told(
    world: World,
) -> None:
    world.publish_homes("kent", a_home("U1"))
    away(world, "kent", "leeds")
    with pytest.raises(PeerRefused, match=f"{world.member('kent').url}/log/checkpoint"):
        join(world, "leeds", "norfolk")
    assert "leeds" not in str(trouble(world["devon"], "kent"))


# --- Mirrors that lie -----------------------------------------------------------------------------


def other_payloads(response: Response) -> None:
    given = unpack_blobs(response.get_data(), 3)
    response.set_data(pack_blobs([given[0], blob_of(home_record("EVIL"), 9), given[2]]))


LIES: dict[str, tuple[str, Change]] = {
    "a hash of a tile": ("tile/0/.*", flipped(300)),
    "an entry": ("tile/entries/.*", flipped(8 * 300)),
    "a payload": ("payloads/.*", other_payloads),
    "no payload": ("payloads/.*", body(lambda _: bytes(12))),
    "a bundle that is none": ("payloads/.*", body(lambda _: b"none")),
    "another root": ("checkpoint", body(lambda note: note.replace(b"\n3\n", b"\n4\n"))),
    "a signature": ("checkpoint", flipped(8 * 120)),
    "more than was asked for": ("tile/entries/.*", body(lambda data: data + bytes(70_000_000))),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_mirror_that_lies_does_no_harm_and_is_named(
    world: World, lie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lie == "a hash of a tile":  # which nobody asks for as long as a batch can prove itself
        monkeypatch.setattr(federation.following, "BATCH_ENTRIES", 0)
    world.publish_homes("kent", a_home("U1"))
    world.follow("devon", "kent")
    world.publish_homes("kent", a_home("U2"), a_home("U3"))
    for name in ("leeds", "norfolk"):
        world.follow(name, "kent")
    path, change = LIES[lie]
    world.hostile("leeds").on(MIRRORED + path, change)
    away(world, "kent")
    join(world, "leeds", "norfolk")
    devon = world["devon"]
    assert urns(devon) == ["U1", "U2", "U3"]
    assert log_of(devon, "kent").root == log_of(world["norfolk"], "kent").root
    assert payload_states(devon, "kent") == [Payload.HELD] * 3
    assert {one.problem for one in audit_logs(devon)} == {None}
    said = str(trouble(devon, "kent"))
    assert "The copy at leeds" in said
    assert "norfolk" not in said


def test_a_mirror_that_lies_alone_brings_in_nothing_false(world: World) -> None:
    world.publish_homes("kent", a_home("U1"), a_home("U2"), a_home("U3"))
    world.follow("leeds", "kent")
    world.hostile("leeds").on(MIRRORED + "payloads/.*", other_payloads)
    away(world, "kent")
    with pytest.raises(PeerRefused):
        join(world, "leeds")
    assert urns(world["devon"]) == ["U1", "U3"]
    assert "The copy at leeds lacks 1 payloads, or has others" in str(
        trouble(world["devon"], "kent")
    )


def test_a_mirror_that_is_behind_takes_nothing_back(world: World) -> None:
    world.publish_homes("kent", a_home("U1"))
    world.follow("leeds", "kent")
    world.publish_homes("kent", a_home("U2"))
    world.follow("devon", "kent")
    before = log_of(world["devon"], "kent")
    away(world, "kent")
    with pytest.raises(PeerRefused):
        join(world, "leeds")
    after = log_of(world["devon"], "kent")
    assert (after.size, after.root, after.checkpoint) == (2, before.root, before.checkpoint)
    assert "copy at leeds" not in str(after.trouble)


def test_a_mirror_brings_back_nothing_that_was_erased(world: World) -> None:
    append_by_hand(world["kent"], published(home_record("U1"), 1))
    for name in ("leeds", "devon"):
        world.follow(name, "kent")
    append_by_hand(world["kent"], (erase_entry([0], NOW), None))
    world.follow("devon", "kent")
    away(world, "kent")
    with pytest.raises(PeerRefused):
        join(world, "leeds")
    assert payload_states(world["devon"], "kent") == [Payload.ERASED, Payload.NONE]
    assert records(world["devon"], "kent") == []


def test_a_mirror_is_no_author_of_its_own(world: World) -> None:
    """Leeds passes its own log off as Kent's."""
    world.publish_homes("kent", a_home("U1"))
    world.publish_homes("leeds", a_home("U2"))
    own = world["leeds"]

    def pass_off(response: Response) -> None:
        response.set_data(own_checkpoint(own))

    world.hostile("leeds").on(MIRRORED + "checkpoint", pass_off)
    world.follow("leeds", "kent")
    away(world, "kent")
    with pytest.raises(PeerRefused):
        join(world, "leeds")
    assert log_of(world["devon"], "kent").size == 0
    assert "The copy at leeds" in str(trouble(world["devon"], "kent"))


def test_payloads_wanting_stay_so_until_somebody_holds_them(world: World) -> None:
    world.publish_homes("kent", a_home("U1"))
    world.hostile("kent").on("/log/payloads/.*", body(lambda _: bytes(4)))
    for _ in range(2):
        with pytest.raises(PayloadsWanting):
            join(world, "norfolk")
    assert len(own_entries(world["kent"])) == log_of(world["devon"], "kent").size
