"""Snapshots between nodes: for members, the latest alone, and nothing of an older one remains."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from werkzeug.wrappers import Response

from directory.hosting.duty.service import list_duties
from federation import Node, issue_snapshot, read_snapshots, take_snapshot
from federation.errors import PeerMisbehaved, PeerRefused
from federation.snapshots import shelf
from federation.snapshots.issuing import own_number, renew_snapshot
from federation.snapshots.taking import destroy_expired
from protocols.errors import Expired, Inconsistent, Malformed, Rollback, UnknownKey
from protocols.snapshots import DutyContact, DutyContacts, duty_contacts, encode_section
from tests.federation.worlds import KENT, LEEDS, WHO, World


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    return found("kent", "leeds", "devon")


def say(node: Node, telephone: str, authority: str = KENT) -> int:
    contact = DutyContact(authority, telephone, "day and night")
    return issue_snapshot(node, [encode_section(DutyContacts((contact,)))])


def take(world: World, reader: str = "leeds", author: str = "kent") -> bool:
    return take_snapshot(world[reader], world.peer(reader, author))


def numbers(world: World, reader: str = "leeds", author: str = "kent") -> list[str]:
    """The telephone numbers that a node knows of another's snapshot."""
    current = read_snapshots(world[reader]).get(author)
    if current is None or current.snapshot is None:
        return []
    return [contact.telephone for contact in duty_contacts(current.snapshot)]


def gives(world: World, text: str) -> None:
    """Let Kent answer with this."""
    world.hostile("kent").honest()
    world.hostile("kent").on("/snapshot", lambda _: Response(text.encode()))


def every_file(node: Node) -> bytes:
    return b"".join(path.read_bytes() for path in node.folder.rglob("*") if path.is_file())


def test_members_have_what_is_true_today(world: World) -> None:
    say(world["kent"], "01632 960001")
    assert take(world)
    assert numbers(world) == ["01632 960001"]
    say(world["kent"], "01632 960002")
    assert take(world)
    assert numbers(world) == ["01632 960002"]


def test_one_that_has_not_changed_is_not_sent_again(world: World) -> None:
    say(world["kent"], "01632 960001")
    peer = world.peer("leeds", "kent")
    assert take_snapshot(world["leeds"], peer)
    assert not take_snapshot(world["leeds"], peer)
    assert peer.snapshot(own_number(world["kent"])) is None
    assert peer.snapshot(own_number(world["kent"]) - 1)


def test_a_node_that_has_none_is_in_nobody_s_way(world: World) -> None:
    assert not take(world)
    assert read_snapshots(world["leeds"]) == {}


def test_nothing_of_an_older_one_remains_on_a_follower_or_the_author(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    say(kent, "01632 Xylophone")
    take(world)
    older = [shelf.read(node, "kent").text for node in (kent, leeds)]
    say(kent, "01632 Zither")
    take(world)
    for node in (kent, leeds):
        held = every_file(node)
        for text in older:
            assert text is not None
            for part in text.split(".")[1:]:
                assert part.encode() not in held
        assert b"Xylophone" not in held


def test_what_a_killed_process_left_half_written_goes(world: World) -> None:
    kent = world["kent"]
    say(kent, "1")
    (kent.folder / "snapshots" / ".kent.json.0badcafe").write_text("01632 Xylophone")
    say(kent, "2")
    assert b"Xylophone" not in every_file(kent)


def test_a_snapshot_is_for_members_alone_and_never_kept_by_caches(world: World) -> None:
    say(world["kent"], "01632 960001")
    url = f"{world.member('kent').url}/snapshot"
    assert requests.get(url, timeout=5).status_code == 401
    peer = world.peer("leeds", "kent")
    peer.ping()
    headers = {"Authorization": f"Bearer {peer._token}"}
    answer = requests.get(url, headers=headers, timeout=5)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Type"] == "application/jose"
    headers["If-None-Match"] = answer.headers["ETag"]
    again = requests.get(url, headers=headers, timeout=5)
    assert (again.status_code, again.content) == (304, b"")


def test_a_suspended_member_is_refused_the_snapshot(found: Callable[..., World]) -> None:
    world = found("kent", "leeds", suspended=("leeds",))
    say(world["kent"], "01632 960001")
    with pytest.raises(PeerRefused):
        world.peer("leeds", "kent").snapshot()


# --- Refused, with the reason --------------------------------------------------------------------


def test_a_rollback_is_refused_and_the_newer_one_kept(world: World) -> None:
    say(world["kent"], "old")
    text = str(shelf.read(world["kent"], "kent").text)
    say(world["kent"], "new")
    take(world)
    gives(world, text)
    with pytest.raises(Rollback):
        take(world)
    assert numbers(world) == ["new"]
    assert "after" in str(read_snapshots(world["leeds"])["kent"].trouble)


def test_a_rollback_is_refused_after_the_newer_one_has_expired(world: World) -> None:
    say(world["kent"], "old")
    text = str(shelf.read(world["kent"], "kent").text)
    world.turn.forward(hours=12)
    say(world["kent"], "new")
    take(world)
    with shelf.alone(world["leeds"]):
        kept = shelf.read(world["leeds"], "kent")
        shelf.write(world["leeds"], "kent", shelf.Kept(kept.number, kept.digest))
    gives(world, text)
    with pytest.raises(Rollback):
        take(world)
    assert numbers(world) == []


def test_two_of_one_number_are_refused(world: World) -> None:
    twin = world.another("kent", world.copy("kent"))
    say(world.open("kent"), "one")
    take(world)
    say(twin, "other")
    gives(world, str(shelf.read(twin, "kent").text))
    with shelf.alone(world["leeds"]):
        kept = shelf.read(world["leeds"], "kent")
        shelf.write(world["leeds"], "kent", shelf.Kept(kept.number, kept.digest))
    with pytest.raises(Inconsistent):
        take(world)


def test_another_member_s_snapshot_is_refused(world: World) -> None:
    say(world["devon"], "devon's")
    gives(world, str(shelf.read(world["devon"], "devon").text))
    say(world["kent"], "kent's")
    with pytest.raises(UnknownKey):
        take(world)
    assert numbers(world) == []


def test_one_that_has_expired_is_refused(world: World) -> None:
    say(world["kent"], "old")
    text = str(shelf.read(world["kent"], "kent").text)
    world.turn.forward(hours=25)
    say(world["kent"], "new")
    gives(world, text)
    with pytest.raises(Expired):
        take(world)


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "é" * 9])
def test_what_is_no_snapshot_is_refused(world: World, text: str) -> None:
    say(world["kent"], "1")
    gives(world, text)
    with pytest.raises(Malformed):
        take(world)
    assert read_snapshots(world["leeds"])["kent"].trouble


def test_more_than_a_snapshot_may_have_is_not_read(world: World) -> None:
    say(world["kent"], "1")
    gives(world, "x" * 300_000)
    with pytest.raises(PeerMisbehaved, match="sends more than"):
        take(world)


def test_trouble_is_forgotten_when_the_next_one_is_sound(world: World) -> None:
    say(world["kent"], "1")
    gives(world, "x")
    with pytest.raises(Malformed):
        take(world)
    world.hostile("kent").honest()
    assert take(world)
    assert read_snapshots(world["leeds"])["kent"].trouble is None


# --- Time and numbers ----------------------------------------------------------------------------


def test_what_has_expired_is_shown_no_more_and_destroyed(world: World) -> None:
    say(world["kent"], "01632 Xylophone")
    take(world)
    text = str(shelf.read(world["leeds"], "kent").text)
    world.turn.forward(hours=25)
    assert numbers(world) == []
    assert destroy_expired(world["leeds"]) == 1
    assert text.split(".")[1].encode() not in every_file(world["leeds"])
    assert destroy_expired(world["leeds"]) == 0


def test_our_own_is_renewed_with_what_it_said(world: World) -> None:
    first = say(world["kent"], "01632 960001")
    assert not renew_snapshot(world["kent"])
    world.turn.forward(hours=9)
    assert renew_snapshot(world["kent"])
    assert own_number(world["kent"]) > first
    take(world)
    assert numbers(world) == ["01632 960001"]


def test_numbers_rise_also_when_the_clock_stands_still_or_goes_back(world: World) -> None:
    first = say(world["kent"], "1")
    second = say(world["kent"], "2")
    world.turn.forward(hours=-48)
    assert first < second < say(world["kent"], "3")


def test_a_node_that_lost_its_files_uses_no_number_again(world: World) -> None:
    kent = world["kent"]
    for telephone in ("1", "2", "3"):
        last = say(kent, telephone)
    take(world)
    shutil.rmtree(kent.folder / "snapshots")
    world.turn.forward(seconds=10)
    assert say(kent, "4") > last
    assert take(world)
    assert numbers(world) == ["4"]


def test_a_backup_holds_no_snapshot(world: World, tmp_path: Path) -> None:
    say(world["kent"], "01632 Xylophone")
    assert not world.database.holds(world["kent"].folder, "node", b"Xylophone")
    assert not world.database.holds(world["kent"].folder, "replica", b"Xylophone")


def test_a_snapshot_says_nothing_of_an_authority_elsewhere(world: World) -> None:
    say(world["kent"], "for Leeds", LEEDS)
    take(world, "devon")
    assert list_duties(world["devon"], WHO).contacts == []
    say(world["kent"], "for Kent")
    take(world, "devon")
    (duty,) = list_duties(world["devon"], WHO).contacts
    assert (duty.authority, duty.contact.telephone) == ("Kent", "for Kent")


def test_an_answer_that_is_not_there_keeps_what_was(world: World) -> None:
    say(world["kent"], "1")
    take(world)
    world.hostile("kent").on("/snapshot", lambda _: Response("no", 503))
    with pytest.raises(PeerRefused):
        take(world)
    assert numbers(world) == ["1"]
    assert "answered 503" in str(read_snapshots(world["leeds"])["kent"].trouble)
    world.hostile("kent").honest()
    assert not take(world), "it has not changed"
    assert read_snapshots(world["leeds"])["kent"].trouble is None
