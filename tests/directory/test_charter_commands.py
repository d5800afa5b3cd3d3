"""`hearth charter` and `hearth keys`: drafts in plain words, signatures offline, and new keys."""

import re
import shutil
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from directory.nodes import opened
from federation import charters_aside, read_chain, reading
from protocols.keys import Purpose
from protocols.members import Member
from tests.directory.command_line import at, hearth, make_consortium, succeed


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made") / "consortium"
    folder.mkdir()
    make_consortium(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Leeds and Kent, who have published and adopted, as a newcomer makes them."""
    return shutil.copytree(made, tmp_path / "consortium")


def propose(folder: Path, *changes: object, by: str = "leeds", out: str = "draft") -> list[str]:
    """Draft a version; what it says of its changes."""
    ran = succeed("charter", "propose", "--out", folder / out, *changes, at(folder, by))
    said = ran["changes"]
    assert isinstance(said, list)
    return said


def sign(folder: Path, out: str = "draft", key: str = "charter-key.json") -> dict[str, object]:
    return succeed("charter", "sign", folder / out, "--key", folder / key, "--yes")


def adopt(folder: Path, *names: str, out: str = "draft") -> None:
    for name in names or ("leeds", "kent"):
        succeed("charter", "adopt", folder / out, at(folder, name))


def shown(folder: Path, name: str = "leeds") -> dict[str, object]:
    return succeed("charter", "show", at(folder, name))


def test_a_charter_is_renewed_by_a_draft_without_changes(folder: Path) -> None:
    (said,) = propose(folder)
    assert said.startswith("It lasts until ")
    signed = sign(folder)
    assert (signed["signatures"], signed["of"], signed["enough"]) == (1, 1, True)
    adopt(folder)
    assert [shown(folder, name)["version"] for name in ("leeds", "kent")] == [2, 2]
    assert shown(folder)["digest"] == signed["digest"]


def test_who_signs_reads_what_would_change_and_is_asked(folder: Path) -> None:
    """The machine with the charter key has no node and no network: two files, and the key."""
    because = "It sold what it read here."
    propose(folder, "--suspend", "kent", "--because", because, "--group", "North=E08000035")
    alone = folder / "stick"
    alone.mkdir()
    for name in ("draft", "draft.before", "charter-key.json"):
        (folder / name).rename(alone / name)
    call = ("charter", "sign", alone / "draft", "--key", alone / "charter-key.json")
    refused = hearth(*call, stdin=b"n\n")
    assert refused.status == 1
    assert because in refused.err
    assert "kent is suspended" in refused.err
    assert "The group North is of E08000035." in refused.err
    assert (alone / "draft").read_bytes().endswith(b"\n\n")
    signed = hearth(*call, stdin=b"y\n")
    assert signed.status == 0
    assert "Signed by 1 of 1" in signed.out
    again = hearth(*call, "--yes")
    assert "has signed this draft" in again.err


def test_for_how_long_vacancies_count_is_agreed_like_any_rule(folder: Path) -> None:
    assert shown(folder)["vacancy_days"] == 7
    said = propose(folder, "--vacancy-days", "3")
    assert "A vacancy that nobody confirms counts for 3 days; so far, for 7." in said
    sign(folder)
    adopt(folder)
    assert shown(folder)["vacancy_days"] == 3


def test_times_that_are_shorter_than_the_law_s_are_agreed_like_any_rule(folder: Path) -> None:
    assert shown(folder)["deadlines"] == {}
    said = propose(folder, "--deadline", "notice", "3")
    assert any("made in an emergency is due within 3 working days" in one for one in said)
    sign(folder)
    adopt(folder)
    assert shown(folder)["deadlines"] == {"notice": 3}


def test_a_draft_that_was_changed_on_its_way_shows_what_it_says_now(folder: Path) -> None:
    propose(folder)
    draft = folder / "draft"
    draft.write_bytes(draft.read_bytes().replace(b'"active"', b'"suspended"', 1))
    ran = hearth("charter", "sign", draft, "--key", folder / "charter-key.json", stdin=b"n\n")
    assert "is suspended" in ran.err


def test_a_draft_for_another_version_before_is_not_signed(folder: Path) -> None:
    """Whoever swaps the file beside it makes a draft that nobody can compare."""
    propose(folder)
    (folder / "draft.before").write_bytes((folder / "draft").read_bytes())
    ran = hearth(
        *("charter", "sign", folder / "draft", "--key", folder / "charter-key.json"),
        *("--yes", "--json"),
    )
    assert "does not hold the version that the draft follows" in ran.error


def test_who_joins_is_shown_with_its_log_its_keys_and_its_standing(folder: Path) -> None:
    """A swapped key in a newcomer's description is there to be seen by whoever signs."""
    described = ("--name", "devon", "--url", "https://hearth.devon.example", "--authority", "Devon")
    succeed("init", *described, at(folder, "devon"))
    description = folder / "devon" / "member.json"
    member = msgspec.json.decode(description.read_bytes(), type=Member)
    joining = replace(member, status="suspended", reason="Not before spring")
    description.write_bytes(msgspec.json.encode(joining))
    said = propose(folder, "--member", description)
    assert said[0].startswith("devon joins, at https://hearth.devon.example, with the log ")
    assert member.origin in said[0]
    assert "devon is suspended" in said[1]
    assert "Not before spring" in said[1]
    for key in (*member.keys, *member.authorities[0].keys):
        assert key.public[:12] in "\n".join(said)


def test_another_charter_key_is_shown_whole_and_says_that_it_waits(folder: Path) -> None:
    """The four bytes of a key's id can be had for another key: nobody compares by them alone."""
    keys = [succeed("charter", "key", f"k{n}", "--out", folder / f"k{n}.json") for n in range(3)]
    named = [part for one in keys for part in ("--add-signer", one["vkey"])]
    said = propose(folder, *named)
    assert all(any(str(one["vkey"]) in line for line in said) for one in keys)
    assert sign(folder)["enough"], "the only key there is has signed"
    adopt(folder)
    propose(folder, "--drop-signer", "k0", out="next")
    before = sign(folder, "next")
    assert (before["signatures"], before["of"], before["enough"]) == (1, 4, False)
    assert sign(folder, "next", "k1.json")["enough"] is False, "half"
    last = hearth(
        *("charter", "sign", folder / "next", "--key", folder / "k2.json", "--yes"),
    )
    assert "Each node keeps to it 14 days after it has it." in last.out


def test_what_is_done_to_keys_and_charter_is_in_the_audit(folder: Path) -> None:
    succeed("keys", "rotate", "log", "--out", folder / "new.json", at(folder, "leeds"))
    propose(folder, "--member", folder / "new.json")
    sign(folder)
    adopt(folder)
    rows = succeed("audit", "list", "--node", at(folder, "leeds"))["rows"]
    noted = {(row["action"], row["record"], row["detail"]) for row in rows}
    assert ("draw a new key", "keys/leeds", "log key") in noted
    assert ("adopt a charter", f"charter/{shown(folder)['digest']}", "") in noted


def test_a_draft_without_a_majority_is_not_adopted(folder: Path) -> None:
    propose(folder)
    ran = hearth("charter", "adopt", folder / "draft", "--json", at(folder, "leeds"))
    assert "Nothing was changed" in ran.error
    assert shown(folder)["version"] == 1


def test_a_stranger_s_key_signs_nothing(folder: Path) -> None:
    propose(folder)
    succeed("charter", "key", "stranger", "--out", folder / "stranger.json")
    ran = hearth(
        *("charter", "sign", folder / "draft", "--key", folder / "stranger.json"),
        *("--yes", "--json"),
    )
    assert "is not one that version 1 of the charter names" in ran.error
    assert (folder / "draft").read_bytes().endswith(b"\n\n")


@pytest.mark.parametrize("words", [b"", b"{}", b'{"name":"x","seed":"c2hvcnQ"}', b"\xff\x00"])
def test_a_file_that_is_no_key_signs_nothing_and_is_not_quoted(folder: Path, words: bytes) -> None:
    propose(folder)
    (folder / "broken.json").write_bytes(words)
    ran = hearth(
        *("charter", "sign", folder / "draft", "--key", folder / "broken.json", "--yes", "--json")
    )
    assert "holds no charter key" in ran.error
    assert "c2hv" not in ran.err


def test_the_founding_key_makes_room_for_three_who_sign_the_next(folder: Path) -> None:
    vkeys = [
        succeed("charter", "key", f"{name}/charter", "--out", folder / f"{name}.json")["vkey"]
        for name in ("one", "two", "three")
    ]
    signers = [word for vkey in vkeys for word in ("--add-signer", vkey)]
    said = propose(folder, *signers, "--drop-signer", "founding-key")
    assert len([one for one in said if "may sign the next" in one]) == 3
    sign(folder)
    adopt(folder)
    propose(folder, out="third")
    assert sign(folder, "third", "one.json")["enough"] is False
    ran = hearth("charter", "adopt", folder / "third", "--json", at(folder, "leeds"))
    assert "1 of the 3 keys" in ran.error
    assert sign(folder, "third", "two.json")["enough"] is True
    adopt(folder, out="third")
    assert shown(folder)["version"] == 3


def test_a_second_successor_is_refused_and_shown(folder: Path) -> None:
    propose(folder, "--group", "A=E08000035")
    propose(folder, "--group", "B=E08000035", out="other")
    for out in ("draft", "other"):
        sign(folder, out)
    adopt(folder, "leeds")
    ran = hearth("charter", "adopt", folder / "other", "--json", at(folder, "leeds"))
    assert "signed twice" in ran.error
    assert any("signed twice" in one for one in shown(folder)["warnings"])  # type: ignore[attr-defined]
    assert "signed twice" in hearth("log-info", at(folder, "leeds")).err
    with opened(folder / "leeds") as node, reading(node.node_db) as connection:
        assert [one.version for one in charters_aside(connection)] == [2]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (("--suspend", "devon"), "names no node devon"),
        (("--reinstate", "devon"), "names no node devon"),
        (("--end-key", "????"), "0 keys in the charter"),
        (("--end-key", ""), "10 keys in the charter"),
        (("--drop-signer", "nobody"), "No charter key is called nobody"),
        (("--add-signer", "nonsense"), "verifier key"),
        (("--group", "Nowhere="), "No group is called Nowhere"),
        (("--group", "Far=E99999999"), "an authority nobody serves"),
        (("--because", "no reason"), "name whom"),
    ],
)
def test_a_change_that_cannot_be_writes_no_draft(
    folder: Path, change: tuple[str, ...], why: str
) -> None:
    ran = hearth(
        "charter", "propose", "--out", folder / "draft", *change, "--json", at(folder, "leeds")
    )
    assert ran.status != 0
    assert why in ran.answer["error"]
    assert not (folder / "draft").exists()


# --- Keys -----------------------------------------------------------------------------------------


def keys(folder: Path, purpose: Purpose, name: str = "leeds") -> dict[str, str]:
    """The states of a node's keys for a purpose, by their public halves."""
    held = succeed("keys", "list", at(folder, name))["keys"]
    return {one["public"]: one["state"] for one in held if one["purpose"] == purpose}


@pytest.mark.parametrize(
    "purpose",
    [
        "log",
        "message-encryption",
        *(
            pytest.param(one, marks=pytest.mark.soak)
            for one in ("witness", "access", "message-signing")
        ),
    ],
)
def test_a_key_is_replaced_from_drawing_to_destroying(folder: Path, purpose: str) -> None:
    of = Purpose(purpose)
    (old,) = keys(folder, of)
    new = succeed("keys", "rotate", purpose, "--out", folder / "new.json", at(folder, "leeds"))
    public = new["key"]["public"]
    assert keys(folder, of) == {old: "named", public: "not yet named"}
    said = propose(folder, "--member", folder / "new.json", by="kent")
    assert any(f"new {purpose} key" in one for one in said)
    sign(folder)
    adopt(folder)
    assert keys(folder, of) == {old: "named", public: "named"}
    refused = hearth("keys", "destroy", old[:20], "--yes", "--json", at(folder, "leeds"))
    assert "names no longer" in refused.error
    said = propose(folder, "--end-key", old, out="third")
    assert any(re.search(r"ends at size \d+ of its log|is given up", one) for one in said)
    sign(folder, "third")
    adopt(folder, out="third")
    assert keys(folder, of) == {old: "no longer named", public: "named"}
    succeed("keys", "destroy", old, "--yes", at(folder, "leeds"))
    assert keys(folder, of) == {public: "named"}
    succeed("publish", at(folder, "leeds"))
    assert succeed("verify", at(folder, "leeds"))


def test_a_log_key_ends_at_a_size_that_is_held_and_no_larger(folder: Path) -> None:
    (old,) = keys(folder, Purpose.LOG)
    succeed("keys", "rotate", "log", "--out", folder / "new.json", at(folder, "leeds"))
    change = ("--member", folder / "new.json", "--end-key", old)
    ran = hearth(
        *("charter", "propose", "--out", folder / "draft", *change, "--at", "999", "--json"),
        at(folder, "leeds"),
    )
    assert "choose a smaller size" in ran.error
    said = propose(folder, *change, "--at", "1")
    assert any("ends at size 1" in one for one in said)


def test_a_backup_brings_back_the_whole_chain(folder: Path) -> None:
    propose(folder)
    sign(folder)
    adopt(folder, "leeds")
    succeed("backup", folder / "backup", at(folder, "leeds"))
    held = (folder / "leeds" / "charter.note").read_bytes()
    (folder / "leeds" / "charter.note").unlink()
    succeed("restore", folder / "backup", "--yes", at(folder, "leeds"))
    assert (folder / "leeds" / "charter.note").read_bytes() == held
    assert [one.charter.version for one in read_chain(held)] == [1, 2]


def test_an_authority_moves_to_another_node_which_draws_keys_of_its_own(folder: Path) -> None:
    succeed(
        "keys", "take", "--authority", "Kent", "--out", folder / "new.json", at(folder, "leeds")
    )
    said = propose(folder, "--member", folder / "new.json")
    assert "leeds serves Kent (E10000016)." in said
    assert "kent no longer serves Kent (E10000016)." in said
    sign(folder)
    adopt(folder)
    with opened(folder / "leeds") as leeds, opened(folder / "kent") as kent:
        assert (leeds.member.area, kent.member.area) == ({"E08000035", "E10000016"}, frozenset())


def test_a_charter_erases_what_is_named_and_who_has_obeyed_is_listed(folder: Path) -> None:
    said = propose(folder, "--erase", "leeds:1", "--erase", "leeds:0")
    assert (
        "Every member destroys for good what these entries of the log of leeds published: 0, 1. "
        "That cannot be taken back." in said
    )
    sign(folder)
    adopt(folder)
    (one,) = succeed("erased", at(folder, "leeds"))["by_charter"]  # type: ignore[misc]
    assert [payload["index"] for payload in one["payloads"]] == [0, 1]
    assert {m["node"]: m["confirmation"] is not None for m in one["members"]} == {
        "kent": False,
        "leeds": True,
    }
    words = hearth("erased", at(folder, "leeds")).out
    assert "Version 2 of the charter erases leeds:0, leeds:1: confirmed by 1 of 2 members" in words
    assert succeed("publish", at(folder, "leeds"))["homes"] == 0
    again = propose(folder, out="next")
    assert len(again) == 1  # the next version says nothing of it


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("leeds", "name a node and an entry"),
        ("york:0", "no node york"),
        ("leeds:99", "no entry 99"),
        ("kent:0", "no entry 0"),
    ],
)
def test_what_cannot_be_erased_is_not_drafted(folder: Path, named: str, why: str) -> None:
    call = ("charter", "propose", "--out", folder / "draft", "--erase", named, "--json")
    assert why in hearth(*call, at(folder, "leeds")).error
    assert not (folder / "draft").exists()
