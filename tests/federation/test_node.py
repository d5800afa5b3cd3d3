"""Making a node, and the charter that it keeps to: whose, when, and with which keys."""

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from directory.arriving import receive
from directory.database import migrate
from directory.homes.projection import project
from federation import Node, adopt_charter, charter_warnings, initialise, open_node, read_member
from federation.errors import AlreadyInitialised, NoSuchMember, NotInitialised, UnsafeKeys
from federation.keystore import KeyStore
from protocols.charter import Member
from protocols.errors import BadSignature, Expired, Malformed, ProtocolError
from tests.federation.worlds import KENT, LEEDS, NAMES, NOW, World, charter_of

HERE = "http://127.0.0.1:8401"


@pytest.fixture
def kent(tmp_path: Path) -> Member:
    return initialise(tmp_path / "kent", "kent", HERE, {KENT: NAMES[KENT]})


@pytest.fixture
def leeds(tmp_path: Path) -> Member:
    return initialise(tmp_path / "leeds", "leeds", "http://127.0.0.1:8402", {LEEDS: NAMES[LEEDS]})


def opened(folder: Path) -> Node:
    return open_node(folder, project, receive, now=lambda: NOW)


# --- Making a node ------------------------------------------------------------------------------


def test_a_node_says_who_it_is_as_it_was_made(kent: Member, tmp_path: Path) -> None:
    assert read_member(tmp_path / "kent") == kent
    assert (kent.node, kent.url, kent.origin) == ("kent", HERE, "127.0.0.1:8401/log")
    assert kent.area == {KENT}


def test_nothing_in_a_node_s_folder_can_be_read_by_others(kent: Member, tmp_path: Path) -> None:
    migrate(tmp_path / "kent")
    assert stat.S_IMODE((tmp_path / "kent").stat().st_mode) == 0o700
    for file in (tmp_path / "kent").rglob("*"):
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file


def test_a_folder_that_holds_a_node_is_left_alone(kent: Member, tmp_path: Path) -> None:
    with pytest.raises(AlreadyInitialised, match="choose an empty directory"):
        initialise(tmp_path / "kent", "other", HERE, {LEEDS: NAMES[LEEDS]})
    assert read_member(tmp_path / "kent") == kent


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("Kent", HERE),
        ("", HERE),
        ("kent/..", HERE),
        ("k" * 64, HERE),
        ("kent", "ftp://kent.example"),
        ("kent", "https://kent.example/?a=b"),
        ("kent", "https://user:word@kent.example"),
        ("kent", "kent.example"),
        ("kent", "https://kent.example/a b"),
    ],
)
def test_a_name_or_address_of_no_acceptable_form_makes_nothing(
    tmp_path: Path, name: str, url: str
) -> None:
    with pytest.raises(Malformed):
        initialise(tmp_path / "new", name, url, {KENT: NAMES[KENT]})
    assert not (tmp_path / "new").exists()


def test_a_node_that_was_not_made_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NotInitialised, match="hearth init"):
        opened(tmp_path)


def test_a_node_without_a_charter_says_what_to_run(kent: Member, tmp_path: Path) -> None:
    with pytest.raises(NotInitialised, match="hearth charter adopt"):
        opened(tmp_path / "kent")


# --- The charter --------------------------------------------------------------------------------


def test_a_charter_is_adopted_once_and_kept(kent: Member, leeds: Member, tmp_path: Path) -> None:
    note = charter_of([kent, leeds], NOW)
    for _ in range(2):
        adopt_charter(tmp_path / "kent", note, NOW)
    migrate(tmp_path / "kent")
    node = opened(tmp_path / "kent")
    assert [member.node for member in node.others()] == ["leeds"]
    node.close()


def refused(tmp_path: Path, note: bytes, reason: type[Exception], match: str = ".") -> None:
    with pytest.raises(reason, match=match):
        adopt_charter(tmp_path / "kent", note, NOW)
    assert not (tmp_path / "kent" / "charter.note").exists()


def test_a_charter_of_other_nodes_is_refused(kent: Member, leeds: Member, tmp_path: Path) -> None:
    refused(tmp_path, charter_of([leeds], NOW), NoSuchMember, "does not name the node kent")


@pytest.mark.parametrize(
    "change",
    [
        lambda kent, other: {"keys": other.keys},
        lambda kent, other: {"authorities": other.authorities},
        lambda kent, other: {"url": "https://elsewhere.example"},
        lambda kent, other: {"origin": "elsewhere/log"},
        lambda kent, other: {"authorities": ()},
        lambda kent, other: {"status": "suspended"},
    ],
    ids=["node's keys", "message keys", "address", "origin", "no authorities", "status"],
)
def test_a_charter_that_says_something_else_of_this_node_is_refused(
    kent: Member, tmp_path: Path, change: Callable[[Member, Member], dict[str, object]]
) -> None:
    other = initialise(tmp_path / "other", "kent", HERE, {KENT: NAMES[KENT]})
    changed = msgspec.structs.replace(kent, **change(kent, other))
    refused(tmp_path, charter_of([changed], NOW), UnsafeKeys, "for kent")


def test_an_expired_charter_is_refused(kent: Member, tmp_path: Path) -> None:
    refused(tmp_path, charter_of([kent], NOW - timedelta(days=401)), Expired)


def test_a_tampered_charter_is_refused(kent: Member, leeds: Member, tmp_path: Path) -> None:
    note = charter_of([kent, leeds], NOW)
    refused(tmp_path, note.replace(b"127.0.0.1:8402", b"127.0.0.1:9402"), BadSignature)
    refused(tmp_path, note.rpartition(b"\n\n")[0] + b"\n\n", ProtocolError)
    for at in range(0, len(note), 97):
        refused(tmp_path, note[:at] + bytes([note[at] ^ 1]) + note[at + 1 :], ProtocolError)


def test_a_charter_signed_by_a_key_that_it_does_not_name_is_refused(
    kent: Member, tmp_path: Path
) -> None:
    ours, theirs = charter_of([kent], NOW), charter_of([kent], NOW)
    text, _, signatures = ours.rpartition(b"\n\n")[0], b"", theirs.rpartition(b"\n\n")[2]
    refused(tmp_path, text + b"\n\n" + signatures, ProtocolError)


def test_another_charter_is_not_adopted_over_the_first(
    kent: Member, leeds: Member, tmp_path: Path
) -> None:
    first = charter_of([kent, leeds], NOW)
    adopt_charter(tmp_path / "kent", first, NOW)
    with pytest.raises(AlreadyInitialised, match="another charter already"):
        adopt_charter(tmp_path / "kent", charter_of([kent], NOW), NOW)
    assert (tmp_path / "kent" / "charter.note").read_bytes() == first


def test_a_node_whose_charter_has_expired_opens_and_says_so(kent: Member, tmp_path: Path) -> None:
    adopt_charter(tmp_path / "kent", charter_of([kent], NOW - timedelta(days=399)), NOW)
    migrate(tmp_path / "kent")
    for days, said in ((0, "ends in 1 days"), (2, "has expired, on 21 November 2026")):
        later = NOW + timedelta(days=days)
        node = open_node(tmp_path / "kent", project, receive, now=lambda later=later: later)
        (warning,) = charter_warnings(node)
        assert said in warning
        assert "hearth charter propose" in warning
        node.close()


@pytest.mark.parametrize("file", ["node.json", f"{KENT}.json"])
def test_a_node_with_the_keys_of_another_does_not_open(world: World, file: str) -> None:
    others = KeyStore.create(world.folder / "others", [KENT])
    assert others
    keys = world.folder / "kent" / "keys" / file
    keys.write_bytes((world.folder / "others" / file).read_bytes())
    with pytest.raises(UnsafeKeys, match=rf"{file}.*not the keys that the charter names"):
        world.another("kent")
