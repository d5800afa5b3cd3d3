"""The command line when something is wrong: status, one JSON object, and what to do about it."""

import shutil
from pathlib import Path

import pytest

from tests.directory.command_line import (
    SECRETS,
    a_notice,
    at,
    change,
    hearth,
    make_consortium,
    succeed,
)
from tests.directory.lists import home, write_list

NEEDS_A_NODE = {
    "run": ["run"],
    "import ofsted": ["import", "ofsted", __file__],
    "publish": ["publish"],
    "search": ["search"],
    "sync": ["sync"],
    "notify": ["notify", "-", "--from", "Leeds", "--to", "Kent"],
    "inbox": ["inbox"],
    "outbox": ["outbox"],
    "verify": ["verify"],
    "log-info": ["log-info"],
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("command-line")
    make_consortium(folder)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """A consortium of this test's own, to break."""
    shutil.copytree(made, tmp_path / "consortium")
    return tmp_path / "consortium"


@pytest.mark.parametrize("arguments", NEEDS_A_NODE.values(), ids=NEEDS_A_NODE.keys())
def test_where_there_is_no_node_the_way_to_one_is_named(
    arguments: list[str], tmp_path: Path
) -> None:
    ran = hearth(*arguments, "--json", at(tmp_path, "nowhere"), stdin=a_notice())
    assert ran.status == 1
    assert "hearth init" in ran.error
    assert not (tmp_path / "nowhere").exists()
    plain = hearth(*arguments, at(tmp_path, "nowhere"), stdin=a_notice())
    assert (plain.status, plain.out) == (1, "")
    assert plain.err.startswith("Error: ")


def test_where_there_is_no_charter_the_way_to_one_is_named(tmp_path: Path) -> None:
    made = ("--name", "leeds", "--url", "http://127.0.0.1:1", "--authority", "Leeds")
    succeed("init", *made, at(tmp_path, "leeds"))
    assert "hearth charter adopt" in hearth("search", "--json", at(tmp_path, "leeds")).error


def test_a_second_init_leaves_the_first_as_it_is(folder: Path) -> None:
    before = (folder / "leeds" / "keys" / "node.json").read_bytes()
    again = ("--name", "other", "--url", "http://127.0.0.1:1", "--authority", "Kent")
    ran = hearth("init", *again, "--json", at(folder, "leeds"))
    assert ran.status == 1
    assert "holds a node already" in ran.error
    assert (folder / "leeds" / "keys" / "node.json").read_bytes() == before


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"--authority": "Ledes"}, "Did you mean Leeds?"),
        ({"--authority": "E99999999"}, "E06000001"),
        ({"--name": "Leeds Council"}, "such as 'leeds'"),
        ({"--url": "leeds.example"}, "such as 'https://"),
        ({"--url": "http://leeds.example"}, "https only"),
    ],
)
def test_a_node_that_nobody_could_reach_or_name_is_not_made(
    tmp_path: Path, changes: dict[str, str], why: str
) -> None:
    given = {"--name": "leeds", "--url": "http://127.0.0.1:1", "--authority": "Leeds"} | changes
    options = [text for pair in given.items() for text in pair]
    ran = hearth("init", *options, "--json", at(tmp_path, "leeds"))
    assert ran.status == 2
    assert why in ran.error
    assert not (tmp_path / "leeds").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ["--json"],
        ["nonsense", "--json"],
        ["search", "--nonsense", "--json"],
        ["search", "--region", "Mars", "--json"],
        ["search", "--min-places", "many", "--json"],
        ["notify", "/nowhere.json", "--from", "Leeds", "--to", "Kent", "--json"],
        ["charter", "adopt", "--json"],
        ["demo", "--kill", "atlantis", "--once", "--json"],
    ],
    ids=" ".join,
)
def test_a_wrong_call_is_one_object_too(arguments: list[str]) -> None:
    ran = hearth(*arguments)
    assert ran.status == 2
    assert ran.answer.keys() == {"error"}
    assert ran.err.startswith("Usage: ")


def test_a_setting_that_cannot_be_used_is_named() -> None:
    assert "HEARTH_PORT" in hearth("search", "--json", HEARTH_PORT="http").error


def test_a_charter_is_not_written_over_another(folder: Path) -> None:
    before = (folder / "charter.note").read_bytes()
    member = folder / "leeds" / "member.json"
    for out, key in (("charter.note", "new.json"), ("new.note", "charter-key.json")):
        files = ("--out", folder / out, "--key-out", folder / key)
        ran = hearth("charter", "found", member, "--name", "Two", *files, "--json")
        assert ran.status == 2
        assert "not overwritten" in ran.answer["error"]
    assert (folder / "charter.note").read_bytes() == before
    assert not (folder / "new.json").exists()
    assert not (folder / "new.note").exists()


@pytest.mark.parametrize("words", [b"", b"{}", b"PK\x03\x04", b'{"node": "leeds"}'])
def test_what_describes_no_node_founds_nothing(tmp_path: Path, words: bytes) -> None:
    (tmp_path / "member.json").write_bytes(words)
    files = ("--out", tmp_path / "c.note", "--key-out", tmp_path / "key.json")
    ran = hearth("charter", "found", tmp_path / "member.json", "--name", "One", *files, "--json")
    assert "Nothing was changed" in ran.error
    assert not (tmp_path / "c.note").exists()
    assert not (tmp_path / "key.json").exists()


def test_what_is_no_charter_or_another_is_not_adopted(folder: Path) -> None:
    before = (folder / "leeds" / "charter.note").read_bytes()
    ran = hearth("charter", "adopt", folder / "list.csv", "--json", at(folder, "leeds"))
    assert "Nothing was changed" in ran.error
    (folder / "broken.note").write_bytes(before.replace(b'"Two"', b'"Too"'))
    ran = hearth("charter", "adopt", folder / "broken.note", "--json", at(folder, "leeds"))
    assert "Nothing was changed" in ran.error
    files = ("--out", folder / "other.note", "--key-out", folder / "other.json")
    members = (folder / "leeds" / "member.json", folder / "kent" / "member.json")
    succeed("charter", "found", *members, "--name", "Other", *files)
    ran = hearth("charter", "adopt", folder / "other.note", "--json", at(folder, "leeds"))
    assert "another charter" in ran.error
    assert (folder / "leeds" / "charter.note").read_bytes() == before


@pytest.mark.parametrize("words", [b"", b"URN,Name\n1,2\n", b"\xff\xfe\x00", b"PK\x03\x04rest"])
def test_a_broken_list_changes_nothing(folder: Path, tmp_path: Path, words: bytes) -> None:
    file = tmp_path / "broken.csv"
    file.write_bytes(words)
    ran = hearth("import", "ofsted", file, "--json", at(folder, "leeds"))
    assert ran.status == 1
    assert ran.answer.keys() == {"error"}
    assert succeed("publish", at(folder, "leeds"))["unchanged"] == 3


def test_an_older_list_changes_nothing(folder: Path, tmp_path: Path) -> None:
    banner = ("Children's social care data – Provider level as at 31 March 2024", "", "")
    older = write_list(tmp_path, home("9000009", Local_authority="Leeds"), banner=banner)
    assert "Nothing was changed" in (
        hearth("import", "ofsted", older, "--json", at(folder, "leeds")).error
    )
    assert succeed("publish", at(folder, "leeds"))["unchanged"] == 3


def test_rows_that_cannot_be_used_are_named_and_the_others_kept(
    folder: Path, tmp_path: Path
) -> None:
    rows = [home("9000011", Local_authority="Leeds"), home("9000012", Local_authority="Nowhere")]
    ran = hearth("import", "ofsted", write_list(tmp_path, *rows), "--json", at(folder, "leeds"))
    assert ran.status == 0
    assert (ran.answer["read"], ran.answer["usable"]) == (2, 1)
    assert "Nowhere" in ran.err


# --- Notices --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sender", "recipient", "why"),
    [("Leeds", "Devon", "no member"), ("Kent", "Leeds", "does not serve")],
)
def test_a_notice_by_or_to_nobody_is_not_queued(
    folder: Path, sender: str, recipient: str, why: str
) -> None:
    whom = ("--from", sender, "--to", recipient, "--json", at(folder, "leeds"))
    assert why in hearth("notify", "-", *whom, stdin=a_notice()).error
    assert succeed("outbox", at(folder, "leeds"))["messages"] == []


@pytest.mark.parametrize(
    "notice",
    [
        b"",
        b"Zebedee Quillfeather",
        a_notice()[:-1],
        a_notice().replace(b'"section 20"', b'"Zebedee"'),
        a_notice().replace(b'"given_name"', b'"Quillfeather"'),
        a_notice().replace(b"2012-05-17", b"17 Wren Street"),
        a_notice().replace(b"Zebedee is afraid", b"Zebedee \xff is afraid"),
    ],
)
def test_what_is_no_notice_is_not_sent_nor_repeated(folder: Path, notice: bytes) -> None:
    for more in ("--json", "--verbose"):
        whom = ("--from", "Leeds", "--to", "Kent", more, at(folder, "leeds"))
        ran = hearth("notify", "-", *whom, stdin=notice)
        assert ran.status == 1
        assert "Nothing was sent" in ran.err
        assert [secret for secret in SECRETS if secret in ran.out + ran.err] == []


def test_an_unknown_notice_is_neither_shown_nor_acknowledged(folder: Path) -> None:
    nobody = "0" * 32
    for action in (
        ("--show", nobody, "--reason", "It was announced"),
        ("--acknowledge", nobody, "--contact", "D. Officer", "--telephone", "1"),
    ):
        assert nobody in hearth("inbox", *action, "--json", at(folder, "kent")).error


def test_an_acknowledgement_needs_somebody_to_call(folder: Path) -> None:
    ran = hearth("inbox", "--acknowledge", "0" * 32, "--json", at(folder, "kent"))
    assert ran.status == 2
    assert "--contact and --telephone" in ran.error


def test_the_inbox_of_an_authority_that_the_node_does_not_serve_is_not_here(
    folder: Path,
) -> None:
    ran = hearth("inbox", "--authority", "Leeds", "--json", at(folder, "kent"))
    assert ran.status == 2
    assert "does not serve Leeds" in ran.error


# --- Peers and databases --------------------------------------------------------------------------


def test_a_peer_that_is_down_is_named_and_the_others_are_followed(folder: Path) -> None:
    ran = hearth("sync", "--json", at(folder, "leeds"))
    assert ran.status == 1
    assert "1 of 2 logs cannot be followed: kent" in ran.error
    own, other = ran.answer["logs"]
    assert (own["applied"], own["trouble"]) == (3, None)
    assert "cannot be reached" in other["trouble"]
    assert succeed("search", at(folder, "leeds"))["total"] == 2
    assert "cannot be reached" in hearth("log-info", at(folder, "leeds")).out


@pytest.mark.parametrize(
    ("file", "statement"),
    [
        ("node.db", "UPDATE entry SET blob = zeroblob(length(blob)) WHERE idx = 1"),
        ("node.db", "UPDATE entry SET raw = zeroblob(length(raw)) WHERE idx = 1"),
        ("node.db", "DELETE FROM entry WHERE idx = 2"),
        ("replica.db", "UPDATE entry SET blob = zeroblob(length(blob)) WHERE idx = 1"),
        ("replica.db", "UPDATE log SET size = size - 1 WHERE node = 'leeds'"),
    ],
)
def test_verify_finds_what_was_changed_behind_the_node_s_back(
    folder: Path, file: str, statement: str
) -> None:
    hearth("sync", at(folder, "leeds"))
    assert succeed("verify", at(folder, "leeds"))["sound"] is True
    change(folder / "leeds" / file, statement)
    ran = hearth("verify", "--json", at(folder, "leeds"))
    assert ran.answer["sound"] is False
    assert f"leeds in {file}" in ran.error
    assert "Stop the node" in ran.error


@pytest.mark.parametrize("file", ["node.db", "replica.db"])
def test_a_file_that_is_no_database_is_explained(folder: Path, file: str) -> None:
    for left in (folder / "leeds").glob(f"{file}*"):
        left.unlink()
    (folder / "leeds" / file).write_bytes(b"not a database, for once" * 100)
    ran = hearth("verify", "--json", at(folder, "leeds"))
    assert "Restore node.db" in ran.error


def test_databases_of_a_newer_version_are_explained(folder: Path) -> None:
    change(folder / "leeds" / "node.db", "UPDATE alembic_version SET version_num = '9999'")
    assert "newer version" in hearth("verify", "--json", at(folder, "leeds")).error
