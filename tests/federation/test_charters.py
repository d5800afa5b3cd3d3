"""Charters that change: adopted once, learned from others, and never in the place of another."""

from datetime import timedelta
from threading import Barrier, Thread

import msgspec
import pytest
import requests

from directory.homes.reconsidering import Reconsider
from federation import (
    Node,
    adopt_charter,
    adopt_successor,
    adopt_what_waited,
    charter_warnings,
    charters_aside,
    fetch_chain,
    initialise,
    learn_charter,
    new_charter_key,
    reading,
    take_authority,
)
from federation.errors import (
    AlreadyInitialised,
    CharterWaits,
    FederationError,
    NoSuchMember,
    PeerRefused,
    PeerUnreachable,
    RivalCharter,
    UnsafeKeys,
)
from protocols.charter import charter_digest, decode_charter, sign_charter
from protocols.errors import CharterRefused, Expired, ProtocolError, UnknownKey
from tests.federation.servers import body
from tests.federation.worlds import (
    DEVON,
    NAMES,
    NORFOLK,
    NOW,
    World,
    charter_of,
    home_record,
    set_aside,
    small_records,
    trouble,
    urns,
)

pytestmark = pytest.mark.both_databases(second_is_soak=True)


def version(node: Node) -> int:
    return node.charter.version


def aside(node: Node) -> list[str]:
    with reading(node.node_db) as connection:
        return [one.why for one in charters_aside(connection)]


def suspended(world: World, name: str, reason: str = "By a vote.") -> bytes:
    member = msgspec.structs.replace(world.member(name), status="suspended", reason=reason)
    return world.successor(member)


# --- One version after the other ----------------------------------------------------------------


def test_a_charter_adopted_on_one_node_reaches_the_others(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    for name in ("Two", "Two Towns"):
        world.adopt(world.successor(name=name), "kent")
    assert (version(kent), version(leeds)) == (3, 1)
    assert learn_charter(leeds, kent.member) == 2
    assert leeds.charter == kent.charter
    assert learn_charter(leeds, kent.member) == 0
    assert leeds.charters.chain == kent.charters.chain


def test_every_process_of_a_node_goes_by_what_one_of_them_has_adopted(world: World) -> None:
    web, worker = world["leeds"], world.another("leeds")
    assert version(web) == version(worker) == 1
    adopt_successor(worker, world.successor(name="Another name"))
    assert web.charter.name == "Another name"


def test_every_version_is_served_to_anybody(world: World) -> None:
    world.adopt(world.successor(name="Another name"), "kent")
    url, chain = world.sites["kent"].url, world["kent"].charters.chain
    assert requests.get(f"{url}/charter", timeout=5).content == chain[1].note
    for number, kept in enumerate(chain, start=1):
        assert requests.get(f"{url}/charter/{number}", timeout=5).content == kept.note
    for path in ("0", "3", "01", "-1", "latest", "9" * 30):
        assert requests.get(f"{url}/charter/{path}", timeout=5).status_code == 404


def test_the_same_charter_with_other_signatures_is_the_same(world: World) -> None:
    note = world.successor(name="Another name")
    assert adopt_successor(world["kent"], note)
    stranger = new_charter_key("a/stranger")
    text = note.rpartition(b"\n\n")[0] + b"\n"
    assert not adopt_successor(world["kent"], note + stranger.line(text).encode() + b"\n")
    assert aside(world["kent"]) == []


def test_a_node_whose_file_was_changed_does_not_open(world: World) -> None:
    world.adopt(world.successor(name="Another name"), "kent")
    file = world.folder / "kent" / "charter.note"
    file.write_bytes(file.read_bytes().replace(b"Another name", b"Another game"))
    with pytest.raises(ProtocolError):
        world.another("kent")


# --- Attacks ------------------------------------------------------------------------------------


def test_a_second_successor_is_refused_and_kept_and_said(world: World) -> None:
    """Its signers have signed twice. Which counts is for people; each node keeps to its own."""
    ours, theirs = (world.successor(name=name) for name in ("Ours", "Theirs"))
    world.adopt(ours, "kent")
    with pytest.raises(RivalCharter, match="signed twice"):
        adopt_successor(world["kent"], theirs)
    world.adopt(theirs, "leeds")
    with pytest.raises(RivalCharter):
        learn_charter(world["kent"], world.member("leeds"))
    assert world["kent"].charter.name == "Ours"
    with reading(world["kent"].node_db) as connection:
        (kept,) = charters_aside(connection)
    assert (kept.version, kept.note) == (2, theirs)
    (said,) = charter_warnings(world["kent"])
    assert charter_digest(theirs) in said
    assert charter_digest(ours) in said


def test_what_follows_a_second_successor_is_refused_and_the_second_found(world: World) -> None:
    world.adopt(world.successor(name="Ours"), "kent")
    world.adopt(world.successor(name="Theirs", by="leeds"), "leeds")
    world.adopt(world.successor(name="Theirs again", by="leeds"), "leeds")
    with pytest.raises(RivalCharter):
        learn_charter(world["kent"], world.member("leeds"))
    assert [kept.charter.name for kept in world["kent"].charters.chain] == ["Test", "Ours"]


def test_two_successors_at_the_same_moment_make_one_version(world: World) -> None:
    notes = [world.successor(name=name) for name in ("One", "Other")]
    nodes, ready = [world["kent"], world.another("kent")], Barrier(2)
    outcomes: list[object] = []

    def adopt(node: Node, note: bytes) -> None:
        ready.wait()
        try:
            outcomes.append(adopt_successor(node, note))
        except RivalCharter:
            outcomes.append("rival")

    threads = [Thread(target=adopt, args=one) for one in zip(nodes, notes, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, outcomes)) == ["True", "rival"]
    assert [version(node) for node in nodes] == [2, 2]


def test_an_older_charter_served_by_a_peer_changes_nothing(world: World) -> None:
    world.adopt(world.successor(name="Newer"), "leeds")
    assert learn_charter(world["leeds"], world.member("kent")) == 0
    with pytest.raises(AlreadyInitialised, match="another charter already"):
        adopt_successor(world["leeds"], charter_of([world.member("kent")], NOW))
    assert world["leeds"].charter.name == "Newer"


def test_a_skipped_version_is_refused(world: World) -> None:
    world.adopt(world.successor(name="Second"), "kent")
    third = world.successor(name="Third")
    with pytest.raises(CharterRefused, match="does not follow"):
        adopt_successor(world["leeds"], third)
    assert version(world["leeds"]) == 1


def test_a_charter_signed_by_others_is_not_learned(world: World) -> None:
    made = decode_charter(world.successor(name="Taken over"))
    theirs = sign_charter(made, [new_charter_key("thief")])
    world.hostile("kent").on("/charter(/2)?", body(lambda _: theirs))
    with pytest.raises(UnknownKey):
        learn_charter(world["leeds"], world.member("kent"))
    assert version(world["leeds"]) == 1
    assert aside(world["leeds"]) == []


@pytest.mark.parametrize("said", [b"", b"{}", b"\xff" * 100, b"{" * 2_000_000])
def test_a_peer_that_serves_no_charter_does_no_harm(world: World, said: bytes) -> None:
    world.hostile("kent").on("/charter", body(lambda _: said))
    with pytest.raises((ProtocolError, FederationError)):
        learn_charter(world["leeds"], world.member("kent"))
    assert version(world["leeds"]) == 1


def test_an_expired_successor_is_not_adopted(world: World) -> None:
    with pytest.raises(Expired):
        adopt_successor(world["kent"], world.successor(expires=NOW - timedelta(days=1)))


def test_a_charter_that_removes_ourselves_is_refused(world: World) -> None:
    kent = world["kent"]
    made = msgspec.structs.replace(
        kent.charter,
        version=2,
        previous=kent.charters.latest.digest,
        members=(world.member("leeds"),),
    )
    with pytest.raises(CharterRefused, match="is missing"):
        adopt_successor(kent, sign_charter(made, [world.holder]))


def test_a_charter_with_keys_for_us_that_we_do_not_hold_is_refused_and_said(world: World) -> None:
    """Somebody would speak for us. The others may keep to it; our people have to know."""
    stranger = initialise(world.folder / "stranger", "kent", "https://x.example", {})
    kent = world.member("kent")
    keys = (*kent.keys[:2], stranger.keys[2])
    note = world.successor(msgspec.structs.replace(kent, keys=keys))
    with pytest.raises(UnsafeKeys):
        adopt_successor(world["kent"], note)
    assert version(world["kent"]) == 1
    (said,) = charter_warnings(world["kent"])
    assert "not the keys that the charter names for kent" in said


# --- Who may sign -------------------------------------------------------------------------------


@pytest.fixture
def of_three(world: World) -> World:
    """A consortium whose one founding key has made room for three others."""
    holders = [new_charter_key(f"{n}/charter") for n in ("one", "two", "three")]
    keys = tuple(one.verifier.vkey for one in holders)
    world.adopt(world.successor(charter_keys=keys))
    world.holders = holders  # type: ignore[attr-defined]
    return world


def without_the_third(world: World) -> bytes:
    one, two, _ = world.holders  # type: ignore[attr-defined]
    kept = tuple(holder.verifier.vkey for holder in (one, two))
    made = decode_charter(world.successor(charter_keys=kept))
    return sign_charter(made, [one, two])


def test_a_holder_is_put_out_after_a_fortnight_in_which_all_are_warned(of_three: World) -> None:
    kent, note = of_three["kent"], without_the_third(of_three)
    with pytest.raises(CharterWaits, match="04 December 2026"):
        adopt_successor(kent, note)
    (said,) = charter_warnings(kent)
    assert "keeps to it from 04 December 2026" in said
    for days in (1, 12):
        of_three.turn.forward(days=days)
        adopt_what_waited(kent)
        assert version(kent) == 2
    of_three.turn.forward(days=1)
    adopt_what_waited(kent)
    assert version(kent) == 3
    assert charter_warnings(kent) == []


def test_who_hears_of_it_late_waits_as_long(of_three: World) -> None:
    """A thief's charter does not become older by being kept back."""
    note = without_the_third(of_three)
    with pytest.raises(CharterWaits):
        adopt_successor(of_three["kent"], note)
    of_three.turn.forward(days=20)
    adopt_what_waited(of_three["kent"])
    with pytest.raises(CharterWaits):
        learn_charter(of_three["leeds"], of_three.member("kent"))
    assert version(of_three["leeds"]) == 2


def test_another_version_takes_the_place_of_one_that_waits(of_three: World) -> None:
    kent, note = of_three["kent"], without_the_third(of_three)
    with pytest.raises(CharterWaits):
        adopt_successor(kent, note)
    holders = of_three.holders  # type: ignore[attr-defined]
    made = decode_charter(of_three.successor(name="As before"))
    adopt_successor(kent, sign_charter(made, holders[1:]))
    assert charter_warnings(kent) == []
    of_three.turn.forward(days=20)
    adopt_what_waited(kent)
    assert kent.charter.name == "As before"


# --- Who is suspended, and who joins --------------------------------------------------------------


def test_a_suspended_member_is_refused_everything_with_the_reason(world: World) -> None:
    """Its own people read why on their own node."""
    kent, leeds = world["kent"], world["leeds"]
    world.publish("leeds", *small_records(3))
    peer = world.peer("kent", "leeds")
    peer.ping()
    world.adopt(suspended(world, "kent", "It sells what it reads here."), "leeds")
    why = "kent is suspended by version 2 of the charter: It sells what it reads here."
    for ask in (peer.ping, peer.snapshot, lambda: peer.deliver("E08000035", b"sealed")):
        with pytest.raises(PeerRefused, match=why):
            ask()
    with pytest.raises(PeerRefused, match=why):
        world.follow("kent", "leeds")
    assert why in (trouble(kent, "leeds") or "")
    assert learn_charter(kent, leeds.member) == 1
    (said,) = charter_warnings(kent)
    assert why in said


def test_a_token_from_before_a_suspension_opens_nothing_and_says_why(world: World) -> None:
    peer = world.peer("kent", "leeds")
    peer.ping()
    note = suspended(world, "kent")
    bearer = {"Authorization": f"Bearer {peer._token}"}
    world.adopt(note, "leeds")
    answer = requests.get(f"{world.sites['leeds'].url}/log/payloads/000", headers=bearer, timeout=5)
    assert answer.status_code == 401


def test_a_suspended_member_is_taken_back(world: World) -> None:
    member = world.member("kent")
    world.adopt(suspended(world, "kent"), "leeds")
    world.adopt(world.successor(member, by="leeds"), "leeds")
    world.peer("kent", "leeds").ping()


def test_a_newcomer_gets_the_chain_from_its_members(world: World) -> None:
    devon = initialise(world.folder / "devon", "devon", "http://127.0.0.1:9", {DEVON: NAMES[DEVON]})
    founding = world["kent"].charters.chain
    with pytest.raises(NoSuchMember):
        adopt_charter(world.folder / "devon", founding[0].note, world.clock())
    world.adopt(world.successor(name="Three"), "kent")
    world.adopt(world.successor(devon), "kent")
    chain = fetch_chain(founding, None)
    assert adopt_charter(world.folder / "devon", chain, world.clock()) == world["kent"].charter
    with pytest.raises(AlreadyInitialised):
        adopt_charter(world.folder / "devon", charter_of([devon], world.clock()), world.clock())


def test_a_newcomer_takes_the_longest_chain_that_verifies(world: World) -> None:
    """One member is behind, and another serves what its signers never signed."""
    founding = world["kent"].charters.chain
    for name in ("Two", "Three"):
        world.adopt(world.successor(name=name), "kent")
    assert fetch_chain(founding, None).count(b'"v":1') == 3
    world.hostile("kent").on("/charter/3", body(lambda note: note.replace(b"Three", b"Threw")))
    chain = fetch_chain(founding, None)
    assert chain == b"".join(kept.note for kept in world["kent"].charters.chain[:2])
    for name in ("kent", "leeds"):
        world.hostile(name).on("/charter.*", body(lambda _: b"nothing"))
    with pytest.raises(PeerUnreachable):
        fetch_chain(founding, None)


def test_nobody_joins_by_an_expired_charter(world: World) -> None:
    devon = initialise(world.folder / "devon", "devon", "http://127.0.0.1:9", {DEVON: NAMES[DEVON]})
    world.adopt(world.successor(devon), "kent")
    chain = fetch_chain(world["kent"].charters.chain[:1], None)
    with pytest.raises(Expired):
        adopt_charter(world.folder / "devon", chain, world.clock() + timedelta(days=500))


# --- After its end --------------------------------------------------------------------------------


def test_after_its_end_all_goes_on_among_members(world: World) -> None:
    world.turn.forward(days=500)
    world.publish("kent", *small_records(3))
    assert world.follow("leeds", "kent") == 3
    world.peer("kent", "leeds").ping()
    (said,) = charter_warnings(world["leeds"])
    assert "has expired" in said
    world.adopt(world.successor(expires=world.clock() + timedelta(days=400)), "kent")
    learn_charter(world["leeds"], world.member("kent"))
    assert charter_warnings(world["leeds"]) == []


def test_an_area_that_was_a_member_s_stays_so_for_what_it_published(world: World) -> None:
    """Who follows its log afresh comes to the same end as who followed it then."""
    kent = world.member("kent")
    world.adopt(world.successor(msgspec.structs.replace(kent, authorities=()), groups=()), "leeds")
    now = world["leeds"].charter.member("kent")
    assert now
    assert (now.area, world["leeds"].charters.as_author(now).area) == (frozenset(), kent.area)
    assert world["leeds"].charter.serving("E10000016") is None


def test_homes_of_an_area_that_we_heard_of_late_count_as_soon_as_we_do(world: World) -> None:
    """Their author went by the new charter before us. Nobody has to send them again."""
    kent, leeds, reconsider = world["kent"], world["leeds"], Reconsider()
    note = world.successor(take_authority(kent, DEVON, NAMES[DEVON]))
    world.adopt(note, "kent")
    world.publish("kent", home_record("D1", DEVON), home_record("N1", NORFOLK))
    world.follow("leeds", "kent")
    reconsider(leeds)
    assert (urns(leeds), set(set_aside(leeds))) == ([], {0, 1})
    world.adopt(note, "leeds")
    reconsider(leeds)
    assert (urns(leeds), set(set_aside(leeds))) == (["D1"], {1})
    reconsider(leeds)
    assert urns(leeds) == ["D1"]
