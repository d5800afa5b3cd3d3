"""Keys that are replaced, or stolen: what they signed before stays, and nothing after counts."""

from collections.abc import Callable

import msgspec
import pytest

from directory.notices.sent import send_notice
from federation import (
    Node,
    deliver_due,
    dispatches,
    draw_key,
    issue_snapshot,
    pin_at,
    read_snapshots,
    reading,
    receipt_of,
    sequence,
    take_snapshot,
    writing,
)
from federation.charter.rotation import describe
from federation.errors import ForkRefused, PeerRefused, UnsafeKeys
from federation.snapshots.issuing import renew_snapshot
from protocols.charter import Member
from protocols.checkpoint import open_checkpoint
from protocols.encoding import b64url
from protocols.errors import Inconsistent, UnknownKey
from protocols.keys import Purpose
from tests.federation.worlds import (
    KENT,
    LEEDS,
    WHO,
    World,
    a_notice,
    home_record,
    own_checkpoint,
    publish,
    records,
    small_records,
    trouble,
    urns,
)

pytestmark = pytest.mark.both_databases(second_is_soak=True)


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent publishes; Leeds follows; Devon comes later."""
    return found("kent", "leeds", "devon")


def ended(node: Node, described: Member, size: int | None = None) -> Member:
    """A member whose oldest log key has ended where its log is, or was at a size."""
    first, *others = described.keys
    pin = pin_at(node, described, size)
    return msgspec.structs.replace(
        described,
        keys=(msgspec.structs.replace(first, until=pin.size, root=b64url(pin.root)), *others),
    )


def revoked(world: World, size: int | None = None) -> bytes:
    """The charter that ends Kent's log key and names another, drawn on Kent's machine."""
    kent = world["kent"]
    return world.successor(ended(kent, draw_key(kent, Purpose.LOG), size))


def thief(world: World, *stolen: bytes) -> None:
    """A node with a copy of Kent's keys and data publishes in its name, at its address."""
    copy = world.another("kent", world.copy("kent"))
    publish(copy, *stolen)
    world.serve("kent", copy)


# --- Replaced with an overlap ---------------------------------------------------------------------


def test_during_an_overlap_each_checkpoint_bears_both_signatures(world: World) -> None:
    """Who has heard of the new key and who has not accept the same checkpoint."""
    kent = world["kent"]
    publish(kent, *small_records(3))
    world.adopt(world.successor(draw_key(kent, Purpose.LOG)), "kent", "leeds")
    publish(kent, *small_records(2))
    for verifier in kent.member.log_verifiers:
        assert open_checkpoint(own_checkpoint(kent), kent.member.origin, [verifier]).size == 5
    assert world["devon"].charter.version == 1
    assert [world.follow(name, "kent") for name in ("leeds", "devon")] == [5, 5]


def test_a_new_key_signs_the_log_as_it_is_without_a_new_entry(world: World) -> None:
    kent = world["kent"]
    publish(kent, *small_records(3))
    before = own_checkpoint(kent)
    world.adopt(world.successor(draw_key(kent, Purpose.LOG)), "kent")
    assert sequence(kent) == 0
    assert own_checkpoint(kent).startswith(before)
    assert own_checkpoint(kent).count("— ".encode()) == 2
    assert sequence(kent) == 0


def test_a_key_that_is_drawn_and_not_yet_named_signs_nothing(world: World) -> None:
    kent = world["kent"]
    draw_key(kent, Purpose.LOG)
    publish(kent, *small_records(1))
    assert own_checkpoint(kent).count("— ".encode()) == 1
    assert describe(kent) == describe(kent)


def test_what_was_valid_at_its_size_stays_valid_after_the_key_has_ended(world: World) -> None:
    """Devon fetches all of it afterwards, and ends where Leeds did who was there."""
    kent = world["kent"]
    publish(kent, *small_records(300))
    world.follow("leeds", "kent")
    world.adopt(revoked(world))
    publish(kent, *small_records(300))
    assert own_checkpoint(kent).count("— ".encode()) == 1
    assert world.follow("leeds", "kent") == 300
    assert world.follow("devon", "kent") == 600
    assert records(world["leeds"], "kent") == records(world["devon"], "kent")


def test_a_node_all_of_whose_keys_have_ended_signs_nothing_and_says_what_to_do(
    world: World,
) -> None:
    kent = world["kent"]
    publish(kent, *small_records(2))
    gone = msgspec.structs.replace(ended(kent, kent.member), status="suspended")
    world.adopt(world.successor(gone), "kent")
    with pytest.raises(UnsafeKeys, match="restore the key backup"):
        publish(kent, *small_records(1))


# --- Stolen ---------------------------------------------------------------------------------------


def test_a_stolen_log_key_used_after_revocation_is_refused_everywhere(world: World) -> None:
    """By who followed before, and by who comes anew; and the author itself goes on."""
    kent = world["kent"]
    publish(kent, *small_records(300))
    world.follow("leeds", "kent")
    thief(world, *small_records(7))
    world.adopt(revoked(world))
    for name, held in (("leeds", 300), ("devon", 0)):
        with pytest.raises(UnknownKey, match="it was ended"):
            world.follow(name, "kent")
        assert world.log(name, "kent").size == held
        assert "it was ended" in (trouble(world[name], "kent") or "")
    world.serve("kent", world["kent"])
    publish(world["kent"], *small_records(5))
    assert [world.follow(name, "kent") for name in ("leeds", "devon")] == [5, 305]
    assert trouble(world["leeds"], "kent") is None


@pytest.mark.parametrize("forged", [8, 9])
def test_a_stolen_key_does_not_tell_another_past_either(world: World, forged: int) -> None:
    """A log no longer than the key may sign, and not the one that the charter pins."""
    copy = world.another("kent", world.copy("kent"))
    publish(world["kent"], *small_records(9))
    publish(copy, *small_records(forged))
    world.adopt(revoked(world))
    world.serve("kent", copy)
    for name in ("leeds", "devon"):
        with pytest.raises((Inconsistent, PeerRefused)):
            world.follow(name, "kent")
        assert world.log(name, "kent").size == 0


def test_who_took_in_what_a_thief_published_lets_it_go(world: World) -> None:
    """The charter says what the log was before the theft. Searches forget the rest."""
    publish(world["kent"], home_record("K1"), home_record("K2"))
    thief(world, home_record("STOLEN"))
    world.follow("leeds", "kent")
    assert urns(world["leeds"]) == ["K1", "K2", "STOLEN"]
    world.serve("kent", world["kent"])
    world.adopt(revoked(world))
    publish(world["kent"], home_record("K3"), home_record("K4"))
    assert world.follow("leeds", "kent") == 4
    assert urns(world["leeds"]) == ["K1", "K2", "K3", "K4"]
    assert records(world["leeds"], "kent") == [home_record(f"K{n}") for n in (1, 2, 3, 4)]
    assert trouble(world["leeds"], "kent") is None


def test_an_author_that_forks_its_log_is_not_forgiven_for_a_key_that_once_ended(
    world: World,
) -> None:
    """What a key that holds has signed is let go for nobody."""
    publish(world["kent"], *small_records(3))
    world.adopt(revoked(world))
    sequence(world["kent"])
    forked = world.another("kent", world.copy("kent"))
    publish(world["kent"], *small_records(4))
    world.follow("leeds", "kent")
    publish(forked, *small_records(6)[1:])
    world.serve("kent", forked)
    with pytest.raises(Inconsistent):
        world.follow("leeds", "kent")
    assert world.log("leeds", "kent").size == 7


def test_a_pin_that_is_not_the_author_s_log_stops_only_that_log(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever drafted the charter had seen a fork: nobody takes the author's word against it."""
    kent = world["kent"]
    publish(kent, *small_records(3))
    wrong = ended(kent, draw_key(kent, Purpose.LOG))
    first, *others = wrong.keys
    first = msgspec.structs.replace(first, root=b64url(bytes(range(32))))
    world.adopt(world.successor(msgspec.structs.replace(wrong, keys=(first, *others))))
    with pytest.raises(ForkRefused, match="by the charter, our log was another at size 3"):
        sequence(kent)
    monkeypatch.setattr("federation.sequencer.refuse_fork", lambda *_: None)
    sequence(kent)  # as a node that does not care
    with pytest.raises(Inconsistent):
        world.follow("devon", "kent")
    publish(world["leeds"], *small_records(1))
    assert world.follow("devon", "leeds") == 1


# --- Other keys -----------------------------------------------------------------------------------


def without(member: Member, purpose: Purpose) -> Member:
    """A member without its oldest key for a purpose."""
    old = next(key for _, key in member.every_key if key.purpose is purpose)
    return msgspec.structs.replace(
        member,
        keys=tuple(key for key in member.keys if key != old),
        authorities=tuple(
            msgspec.structs.replace(one, keys=tuple(key for key in one.keys if key != old))
            for one in member.authorities
        ),
    )


def test_a_stolen_access_key_opens_nothing_after_its_end(world: World) -> None:
    stolen = world.another("kent", world.copy("kent"))
    world.open("kent")
    before = world.peer("kent", "leeds")
    before.ping()
    kent = world["kent"]
    note = world.successor(without(draw_key(kent, Purpose.ACCESS), Purpose.ACCESS))
    world.adopt(note)
    world.peer("kent", "leeds").ping()
    before.ping()  # with a token that it has to ask for again
    world.nodes["thief"] = stolen
    with pytest.raises(PeerRefused, match="answered 40"):
        world.peer("thief", "leeds").ping()


def test_a_snapshot_is_signed_anew_when_its_access_key_has_ended(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    issue_snapshot(kent, [])
    assert take_snapshot(leeds, world.peer("leeds", "kent"))
    world.adopt(world.successor(without(draw_key(kent, Purpose.ACCESS), Purpose.ACCESS)))
    assert read_snapshots(leeds)["kent"].snapshot is None
    assert renew_snapshot(kent)
    assert take_snapshot(leeds, world.peer("leeds", "kent"))
    assert read_snapshots(leeds)["kent"].snapshot is not None


def test_a_peer_on_the_version_before_knows_an_access_key_during_the_overlap(
    world: World,
) -> None:
    kent = world["kent"]
    world.adopt(world.successor(draw_key(kent, Purpose.ACCESS)), "kent")
    world.peer("kent", "leeds").ping()


def test_what_was_sealed_to_the_old_key_still_opens(world: World) -> None:
    """It was under way when the charter changed. What is sealed next is for the new one alone."""
    kent, leeds = world["kent"], world["leeds"]
    (old,) = kent.keys.keys(KENT, Purpose.SEALING)
    under_way = send(world)
    note = world.successor(without(draw_key(kent, Purpose.SEALING, KENT), Purpose.SEALING))
    world.adopt(note)
    (named,) = kent.charter.authority_keys(KENT, Purpose.SEALING).values()
    assert named != old.public
    assert deliver_due(leeds, world.peer("leeds", "kent")) == 1
    assert state(leeds, under_way) == "stored"
    kent.keys.destroy(KENT, old.public)
    after = send(world)
    deliver_due(leeds, world.peer("leeds", "kent"))
    assert state(leeds, after) == "stored"


def test_a_receipt_outlives_the_key_that_signed_it(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    sent = send(world)
    deliver_due(leeds, world.peer("leeds", "kent"))
    world.adopt(world.successor(without(draw_key(kent, Purpose.SIGNING, KENT), Purpose.SIGNING)))
    with reading(leeds.node_db) as connection:
        assert receipt_of(connection, leeds, sent)


def test_a_message_signed_with_a_stolen_key_after_its_end_is_refused(world: World) -> None:
    leeds = world["leeds"]
    sent = send(world)
    note = world.successor(without(draw_key(leeds, Purpose.SIGNING, LEEDS), Purpose.SIGNING))
    world.adopt(note)
    deliver_due(leeds, world.peer("leeds", "kent"))
    assert state(leeds, sent) == "refused"


def send(world: World) -> str:
    """Queue a notice from Leeds to Kent."""
    leeds = world["leeds"]
    with writing(leeds.node_db) as connection:
        return send_notice(connection, leeds, WHO, a_notice(), placing=LEEDS, area=KENT)


def state(node: Node, message: str) -> str:
    with reading(node.node_db) as connection:
        return dispatches(connection, [message])[message].state
