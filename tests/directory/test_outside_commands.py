"""`hearth verify URL`, `hearth proof` and `hearth conformance` as an outsider uses them."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from werkzeug.wrappers import Response

from protocols.cosignature import cosign
from protocols.keys import Purpose
from protocols.kinds import Source
from protocols.records import Provider, encode_record
from tests.directory.command_line import at, hearth, succeed
from tests.federation import worlds
from tests.federation.servers import Change, flipped
from tests.federation.worlds import World, a_home, own_checkpoint, true_time

URN = "SC100001"
TIME = 1_790_000_000


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Kent and Leeds, each of which follows Kent's log."""
    folder = tmp_path_factory.mktemp("outside")
    with worlds.found(folder, "kent", "leeds", clock=true_time) as made:
        (folder / "charter.note").write_bytes(made.charter)
        made.publish_homes("kent", a_home("SC100000"), a_home(URN), a_home("SC100002"))
        (folder / "earlier.note").write_bytes(own_checkpoint(made["kent"]))
        run_by = Provider("Riverbank Care", "Private", Source("Ofsted", true_time().date()))
        made.publish("kent", encode_record(run_by))
        made.follow("leeds", "kent")
        yield made


def url(world: World) -> str:
    return world.member("kent").url


def key(world: World) -> str:
    return f"--key={world.member('kent').log_verifiers[0].vkey}"


def charter(world: World) -> str:
    return f"--charter={world.folder / 'charter.note'}"


# --- verify -------------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["", "/log"])
def test_a_log_is_verified_by_its_address_and_key(world: World, where: str, tmp_path: Path) -> None:
    given = (url(world) + where, key(world), f"--data-dir={tmp_path}")
    answer = succeed("verify", *given, "--save", tmp_path / "now.note")
    assert (answer["sound"], answer["size"], answer["prefix"]) == (True, 4, f"{url(world)}/log")
    assert (answer["since"], answer["no_later_than"], answer["cosigned"]) == (None, None, [])
    assert (tmp_path / "now.note").read_bytes() == own_checkpoint(world["kent"])
    assert "kent" not in [path.name for path in tmp_path.iterdir()]
    said = hearth("verify", *given, "--since", world.folder / "earlier.note")
    assert said.status == 0
    assert "Nothing of the 3 entries that you knew has changed" in said.out
    assert "a log alone proves no time" in said.out


def test_a_log_is_verified_by_the_charter_in_the_data_directory(world: World) -> None:
    assert succeed("verify", url(world), at(world.folder, "leeds"))["size"] == 4


def test_another_member_s_log_does_not_pass_for_the_one_at_an_address(world: World) -> None:
    copy = f"{world.member('leeds').url}/mirror/kent/log"
    assert succeed("verify", copy, charter(world))["origin"] == world.member("kent").origin
    world.hostile("leeds").on("/log/checkpoint", passing_for(world, "kent"))
    try:
        ran = hearth("verify", world.member("leeds").url, charter(world), "--json")
    finally:
        world.hostile("leeds").honest()
    assert (ran.status, ran.answer["sound"]) == (1, False)
    assert "not signed by any key" in ran.error


def passing_for(world: World, other: str) -> Change:
    """The checkpoint of another node, in the place of its own."""
    note = own_checkpoint(world[other])
    return lambda _: Response(note, content_type="text/plain; charset=utf-8")


def test_a_log_that_was_changed_is_not_sound(world: World, tmp_path: Path) -> None:
    world.hostile("kent").on("/log/tile/entries/.*", flipped(100))
    try:
        ran = hearth("verify", url(world), charter(world), "--json")
    finally:
        world.hostile("kent").honest()
    assert ran.status == 1
    assert ran.answer["sound"] is False
    assert "other hashes" in ran.error


def test_a_log_that_rolled_back_is_not_sound(world: World) -> None:
    newer = world.folder / "newer.note"
    newer.write_bytes(own_checkpoint(world["kent"]))
    before = (world.folder / "earlier.note").read_bytes()
    world.hostile("kent").on("/log/checkpoint", lambda answer: answer.set_data(before))
    try:
        ran = hearth("verify", url(world), key(world), "--since", newer, "--json")
    finally:
        world.hostile("kent").honest()
    assert (ran.status, ran.answer["sound"]) == (1, False)


def test_without_a_key_or_a_log_there_nothing_is_said_to_be_sound(
    world: World, tmp_path: Path
) -> None:
    nobody = hearth("verify", url(world), f"--data-dir={tmp_path}", "--json")
    assert "Give its verifier key" in nobody.error
    nothing = hearth("verify", "http://127.0.0.1:9", key(world), "--json")
    assert "cannot be reached" in nothing.error
    plain = hearth("verify", "http://hearth.example", key(world), "--json")
    assert "only https" in plain.error
    assert hearth("verify", key(world)).status == 2


# --- proof --------------------------------------------------------------------------------------


@pytest.fixture
def proof(world: World, tmp_path: Path) -> Path:
    """The proof that Kent published a home, made by Leeds, and its payload beside it."""
    made = tmp_path / "home.tlog-proof"
    answer = succeed(
        *("proof", URN, "--out", made, "--record", tmp_path / "payload"),
        at(world.folder, "leeds"),
    )
    assert (answer["node"], answer["index"]) == ("kent", 1)
    return made


@pytest.fixture
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a socket or asks for an address fails."""

    def refuse(*_: object, **__: object) -> NoReturn:
        raise AssertionError("there is no network")

    for name in ("socket", "create_connection", "getaddrinfo", "gethostbyname"):
        monkeypatch.setattr(socket, name, refuse)


def cosigned(world: World, proof: Path, *who: str) -> Path:
    """The proof with cosignatures by these nodes, each a minute after the one before."""
    lines = ""
    text = proof.read_bytes().split(b"\n\n")[1].decode() + "\n"
    for later, name in enumerate(who):
        witness = world[name].keys.node_key(Purpose.WITNESS)
        lines += (
            f"{cosign(text, world.member(name).cosigners[0].name, witness, TIME + 60 * later)}\n"
        )
    made = proof.with_name("cosigned.tlog-proof")
    made.write_bytes(proof.read_bytes() + lines.encode())
    return made


def policy(world: World, folder: Path, needed: int) -> str:
    lines = [
        f"log {world.member('kent').log_verifiers[0].vkey}",
        *(f"witness {one} {world.member(one).cosigners[0].vkey}" for one in ("kent", "leeds")),
        f"group both {needed} kent leeds",
        "quorum both",
    ]
    (folder / "policy").write_text("\n".join(lines) + "\n")
    return f"--policy={folder / 'policy'}"


@pytest.mark.usefixtures("no_network")
@pytest.mark.parametrize("trusting", [key, charter])
def test_a_proof_is_checked_with_no_network(
    world: World, proof: Path, trusting: Callable[[World], str]
) -> None:
    answer = succeed("proof", "--check", proof, trusting(world))
    assert (answer["sound"], answer["index"], answer["size"]) == (True, 1, 4)
    assert (answer["no_later_than"], answer["record"]) == (None, None)
    said = hearth("proof", "--check", proof, trusting(world)).out
    assert "Proved: these" in said
    assert "a log alone proves no time" in said
    assert "Not shown: that it is still current" in said


@pytest.mark.usefixtures("no_network")
def test_the_record_is_proved_by_its_payload(world: World, proof: Path) -> None:
    payload = proof.with_name("payload")
    given = ("proof", "--check", proof, key(world), "--record")
    assert succeed(*given, payload)["record"] == "home/1"
    assert URN.encode() in payload.read_bytes()
    assert URN.encode() not in proof.read_bytes()
    other = proof.with_name("other")
    other.write_bytes(payload.read_bytes().replace(URN.encode(), b"SC100009"))
    assert "not the one that the log entry names" in hearth(*given, other, "--json").error


@pytest.mark.usefixtures("no_network")
def test_a_proof_says_by_when_a_quorum_had_cosigned(
    world: World, proof: Path, tmp_path: Path
) -> None:
    both = cosigned(world, proof, "kent", "leeds")
    one_is_enough = succeed("proof", "--check", both, policy(world, tmp_path, 1))
    assert one_is_enough["no_later_than"] == "2026-09-21T14:13:20Z"
    assert [one["at"][-4:] for one in one_is_enough["cosigned"]] == [":20Z", ":20Z"]
    both_are_needed = hearth("proof", "--check", both, policy(world, tmp_path, 2))
    assert "no later than 2026-09-21T14:14:20Z" in both_are_needed.out


def test_a_charter_s_own_committee_dates_a_proof(tmp_path: Path) -> None:
    """Nothing made by hand: two nodes cosign, a third follows, and somebody else checks."""
    names = ("kent", "leeds", "devon")
    with worlds.found(tmp_path, *names, clock=true_time, witnesses=names[:2]) as world:
        began = true_time()
        world.publish_homes("kent", a_home(URN))
        world.follow("devon", "kent")
        made, note = tmp_path / "home.tlog-proof", tmp_path / "charter.note"
        note.write_bytes(world.charter)
        succeed("proof", URN, "--out", made, at(tmp_path, "devon"))
        checked = succeed("proof", "--check", made, f"--charter={note}")
        whole = succeed("verify", world.member("kent").url, f"--charter={note}")
    for one in (checked, whole):
        assert len(one["cosigned"]) == 2
        assert f"{began:%Y-%m-%dT%H:%M:%SZ}" <= one["no_later_than"]
        assert one["no_later_than"] <= f"{true_time():%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.usefixtures("no_network")
def test_a_proof_without_the_quorum_is_refused_by_who_asks_for_it(
    world: World, proof: Path, tmp_path: Path
) -> None:
    for given in (proof, cosigned(world, proof, "leeds")):
        ran = hearth("proof", "--check", given, policy(world, tmp_path, 2), "--json")
        assert "not the quorum" in ran.error


@pytest.mark.usefixtures("no_network")
def test_a_proof_that_was_changed_is_refused(world: World, proof: Path) -> None:
    changed = proof.with_name("changed")
    whole = proof.read_bytes()
    for wrong in (whole.replace(b"index 1", b"index 2"), whole[:-9] + b"\n", b"", b"\xff" * 99):
        changed.write_bytes(wrong)
        assert hearth("proof", "--check", changed, key(world), "--json").error
    assert "not signed" in hearth("proof", "--check", proof, wrong_key(world), "--json").error


def wrong_key(world: World) -> str:
    return f"--key={world.member('leeds').log_verifiers[0].vkey}"


def test_a_provider_s_record_is_proved_by_its_name(world: World, tmp_path: Path) -> None:
    made = tmp_path / "provider.tlog-proof"
    given = ("proof", "provider/Riverbank Care", "--out", made, at(world.folder, "leeds"))
    assert succeed(*given)["index"] == 3


def test_what_cannot_be_proved_is_said(world: World, tmp_path: Path, proof: Path) -> None:
    leeds = at(world.folder, "leeds")
    assert "No log" in _fails("proof", "SC999999", "--out", tmp_path / "x", leeds)
    assert "by leeds" in _fails("proof", URN, "--node", "leeds", "--out", tmp_path / "x", leeds)
    assert hearth("proof", URN, "--out", proof, leeds).status == 2
    assert hearth("proof", leeds).status == 2
    assert hearth("proof", URN, "--check", proof, leeds).status == 2


def _fails(*arguments: object) -> str:
    return hearth(*arguments, "--json").error


# --- conformance ----------------------------------------------------------------------------------


def test_a_node_is_held_against_the_suite_by_a_member(world: World) -> None:
    ran = hearth("conformance", url(world), charter(world), "--as", world.folder / "leeds")
    assert ran.status == 0, ran.out + ran.err
    assert "holds      4.1/signature" in ran.out
    assert "0 fails" in ran.out
    assert "not asked  7/erased" in ran.out


def test_who_is_no_member_is_told_what_was_not_asked(world: World) -> None:
    answer = succeed("conformance", url(world), key(world))
    assert answer["conforms"] is True
    outcomes = {one["id"]: one["outcome"] for one in answer["clauses"]}
    assert outcomes["4.1/signature"] == "holds"
    assert outcomes["10.3/stored"] == "not asked"
    assert answer["counts"]["fails"] == 0


def test_a_node_that_does_not_conform_ends_with_status_1(world: World) -> None:
    world.hostile("kent").on("/log/tile/entries/.*", flipped(100))
    try:
        ran = hearth("conformance", url(world), key(world), "--section", "5", "--json")
    finally:
        world.hostile("kent").honest()
    assert ran.status == 1
    assert ran.answer["conforms"] is False
    assert "5/leaf" in ran.error
    assert {one["section"] for one in ran.answer["clauses"]} == {"5"}


def test_the_suite_says_what_it_needs(world: World, tmp_path: Path) -> None:
    assert hearth("conformance", url(world)).status == 2
    assert hearth("conformance", url(world), key(world), "--section", "99").status == 2
    assert hearth("conformance", url(world), key(world), "--as", world.folder / "leeds").status == 2
    assert "names no member" in _fails("conformance", "http://127.0.0.1:9", charter(world))
    ours = _fails("conformance", url(world), charter(world), "--as", world.folder / "kent")
    assert "names no other member" in ours
