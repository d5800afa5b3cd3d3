"""What somebody has written is published when a second person has read it, and not before."""

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from directory.app import create_app
from directory.cli import common
from directory.nodes import opened
from directory.security.rights.roles import Role
from federation import OwnLog, follow, own_records, reading, sequence, staged_count
from protocols.records import Description, encode_record
from tests.directory.command_line import at, hearth, make_consortium, succeed
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import words_of
from tests.directory.worlds import LEEDS, a_home

CALM = "A calm house with a garden, for children who have moved too often."
WHY = ("--reason", "It says too much of the garden")
PAGE = f"/authorities/{LEEDS}/releases"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Leeds has published two homes of Ofsted's list; Ada is at its command line."""
    make_consortium(tmp_path)
    log_in(monkeypatch, "ada")
    return tmp_path


def log_in(monkeypatch: pytest.MonkeyPatch, login: str) -> None:
    monkeypatch.setattr(common, "_login", lambda: login)


def described(urn: str, summary: str = CALM, **known: object) -> bytes:
    said = Description(summary, ("autism",), 10, 16, "any")
    return encode_record(a_home(urn, authority=LEEDS, description=said, **known))


def hand_in(folder: Path, record: bytes) -> dict[str, object]:
    (folder / "home.json").write_bytes(record)
    return succeed("publish", "--record", folder / "home.json", at(folder, "leeds"))


def released(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ada hands words in, and Bea, who is there from then on, releases them."""
    (number,) = hand_in(folder, described("9000001"))["waiting"]  # type: ignore[misc]
    log_in(monkeypatch, "bea")
    succeed("releases", "--release", number, at(folder, "leeds"))


def waiting(folder: Path) -> list[dict[str, object]]:
    held = succeed("releases", at(folder, "leeds"))["releases"]
    assert isinstance(held, list)
    return held


def published(folder: Path) -> list[str]:
    """What is said of homes in the log, in order."""
    with opened(folder / "leeds") as node, reading(node.node_db) as connection:
        every = own_records(connection, "home/1").values()
        assert staged_count(connection) == 0
    return [json.loads(one)["description"]["summary"] for one in every if b'"summary"' in one]


def test_new_words_wait_and_another_login_releases_them(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = hand_in(folder, described("9000001"))["waiting"]  # type: ignore[misc]
    (held,) = waiting(folder)
    assert held["id"] == number
    assert {"place": "description.summary", "before": None, "after": CALM} in held["changes"]  # type: ignore[operator]
    assert published(folder) == []
    release = ("releases", "--release", number, "--json", at(folder, "leeds"))
    assert "ada handed this record in, and cannot release it" in hearth(*release).error
    assert published(folder) == []
    log_in(monkeypatch, "bea")
    assert succeed(*release[:-2], release[-1])["released"] == "9000001"
    assert (published(folder), waiting(folder)) == ([CALM], [])
    assert "waits for release here" in hearth(*release).error


def test_the_next_list_takes_no_released_words_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(folder, monkeypatch)
    assert (
        succeed("publish", at(folder, "leeds"))["homes"] == 1
    )  # as the list has it, and described
    assert succeed("publish", at(folder, "leeds"))["homes"] == 0
    assert published(folder) == [CALM, CALM]


def test_words_that_are_published_already_need_nobody(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released(folder, monkeypatch)
    log_in(monkeypatch, "ada")
    assert hand_in(folder, described("9000001", places=3)) == {
        "published": 1,
        "unchanged": 0,
        "waiting": [],
    }
    assert hand_in(folder, described("9000001", places=3))["unchanged"] == 1
    assert len(hand_in(folder, described("9000001", CALM + " Cats.", places=3))["waiting"]) == 1  # type: ignore[arg-type]


def test_the_words_of_ofsteds_list_go_straight_through(folder: Path) -> None:
    with opened(folder / "leeds") as node, reading(node.node_db) as connection:
        listed = own_records(connection, "home/1")[0]
    assert hand_in(folder, listed)["waiting"] == []
    assert waiting(folder) == []


def test_what_is_handed_in_anew_takes_the_place_of_what_waited(folder: Path) -> None:
    hand_in(folder, described("9000001", "First words."))
    hand_in(folder, described("9000001", "Second words."))
    (held,) = waiting(folder)
    assert "Second words." in str(held["changes"])
    assert "First words." not in str(held["changes"])


def test_what_is_returned_comes_back_with_a_reason_and_is_not_published(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (number,) = hand_in(folder, described("9000001"))["waiting"]  # type: ignore[misc]
    log_in(monkeypatch, "bea")
    back = ("releases", "--return", number, at(folder, "leeds"))
    assert "say why" in hearth(*back, "--json").error
    succeed(*back, *WHY)
    (held,) = waiting(folder)
    assert (held["returned_by"], held["reason"]) == ("bea", WHY[1])
    assert "waits for release here" in hearth(*back, *WHY, "--json").error
    assert published(folder) == []


def test_what_must_not_be_published_is_refused_with_place_and_reason(folder: Path) -> None:
    for summary, reason in (
        ("Calm. Born 17/05/2012.", "date of birth"),
        ("Calm. 943 476 5919.", "NHS number"),
        ("Calm. B801200005001.", "unique pupil number"),
        ("Calm. Case number 48213.", "names a person or a case"),
        ("Calm. At LS1 4AP.", "leads to the home's door"),
        ("Calm. The child was born in Leeds.", "about one child"),
    ):
        (folder / "home.json").write_bytes(described("9000001", summary))
        refused = hearth("publish", "--record", folder / "home.json", "--json", at(folder, "leeds"))
        assert "description.summary, characters" in refused.error.lower()
        assert reason in refused.error
    assert waiting(folder) == []
    assert published(folder) == []


def test_what_a_node_does_not_serve_or_has_erased_is_not_handed_in(folder: Path) -> None:
    (folder / "home.json").write_bytes(encode_record(a_home("9000009")))  # in Kent
    handed = ("publish", "--record", folder / "home.json", "--json", at(folder, "leeds"))
    assert "does not serve" in hearth(*handed).error
    succeed("erase", "home/9000001", "--yes", "--reason", "A street", at(folder, "leeds"))
    (folder / "home.json").write_bytes(described("9000001"))
    assert "erased 9000001" in hearth(*handed).error


def test_what_waits_is_sealed_and_goes_with_an_erasure(folder: Path) -> None:
    hand_in(folder, described("9000001", "Xylophones in every room."))
    files = [path for path in (folder / "leeds").rglob("*") if path.is_file()]
    assert not [path for path in files if b"ylophone" in path.read_bytes()]
    succeed("erase", "home/9000001", "--yes", "--reason", "A street", at(folder, "leeds"))
    assert waiting(folder) == []


def test_what_only_waits_is_erased_too_though_nothing_was_ever_published(folder: Path) -> None:
    never = ("erase", "home/9000077", "--yes", "--reason", "A street", at(folder, "leeds"))
    assert "none is published, and none waits" in hearth(*never, "--json").error
    hand_in(folder, described("9000077"))
    assert succeed(*never)["entries"] == []
    assert waiting(folder) == []
    assert hand_in(folder, described("9000077", "Its second words."))["waiting"]


def test_words_that_are_released_stay_though_nothing_has_been_signed_since(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as away:
        away.setattr("directory.cli.releases.publish_log", lambda _: 0)  # no quorum, say
        released(folder, away)
    log_in(monkeypatch, "ada")
    assert succeed("publish", at(folder, "leeds"))["homes"] == 1
    assert published(folder) == [CALM, CALM]


def test_who_released_what_is_in_the_audit(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    released(folder, monkeypatch)
    rows = succeed("audit", "list", at(folder, "leeds"))["rows"]
    noted = {(row["who_name"], row["action"], row["record"], row["detail"]) for row in rows}
    handed = ("ada", "hand in a record for publication", "home/9000001", "waits for release")
    assert handed in noted
    assert (
        "bea",
        "release a record that somebody else wrote",
        "home/9000001",
        "handed in by ada",
    ) in noted


def test_a_record_without_new_words_is_in_the_audit_as_well(folder: Path) -> None:
    with opened(folder / "leeds") as node, reading(node.node_db) as connection:
        listed = own_records(connection, "home/1")[0]
    hand_in(folder, listed)
    rows = succeed("audit", "list", at(folder, "leeds"))["rows"]
    assert ("home/9000001", "says nothing new in words") in {
        (row["record"], row["detail"]) for row in rows
    }


# --- On the page ----------------------------------------------------------------------------------


@pytest.fixture
def app(folder: Path) -> Flask:
    hand_in(folder, described("9000001", name="Rowan <House>"))
    with opened(folder / "leeds") as node:
        follow(node, node.member, OwnLog(node.node_db))
        return create_app(node)


@pytest.fixture
def reader(app: Flask) -> FlaskClient:
    return signed_in(app, Role.COMMISSIONER, LEEDS, name="Cleo Reader")


def post(client: FlaskClient, number: str, what: str, **fields: str):  # type: ignore[no-untyped-def]
    fields["csrf_token"] = form_token(client, PAGE)
    return client.post(f"{PAGE}/{number}/{what}", data=fields)


def test_the_page_shows_what_changes_and_releases_it(folder: Path, reader: FlaskClient) -> None:
    shown = words_of(reader.get(PAGE))
    assert "Waiting for release" in shown
    assert f"In the provider’s words Nothing yet {CALM}" in shown
    assert "Name Wren House Rowan <House>" in shown
    assert "By ada" in shown
    (held,) = waiting(folder)
    answer = post(reader, str(held["id"]), "release")
    assert answer.status_code == 303
    assert "Released." in words_of(reader.get(answer.location))
    assert "Nothing of Leeds waits" in words_of(reader.get(PAGE))
    with opened(folder / "leeds") as node:
        sequence(node)  # as the worker does
    assert published(folder) == [CALM]
    again = post(reader, str(held["id"]), "release")
    assert again.status_code == 409
    assert "waits for release here" in words_of(again)


def test_the_page_returns_it_for_a_reason(folder: Path, reader: FlaskClient) -> None:
    (held,) = waiting(folder)
    number = str(held["id"])
    answer = post(reader, number, "return", reason="no")
    assert answer.status_code == 400
    assert f'href="#reason-{number}"' in answer.text
    assert ">no</textarea>" in answer.text
    answer = post(reader, number, "return", reason="It names the street")
    assert answer.status_code == 303
    shown = words_of(reader.get(PAGE))
    assert "Returned By Cleo Reader" in shown
    assert "It names the street" in shown


def test_others_see_nothing_of_what_waits(app: Flask, folder: Path) -> None:
    (held,) = waiting(folder)
    for role, authority in (
        (Role.DUTY_OFFICER, LEEDS),
        (Role.PROVIDER, LEEDS),
        (Role.GOVERNANCE_OFFICER, LEEDS),
        (Role.NODE_ADMINISTRATOR, None),
        (Role.COMMISSIONER, "E10000016"),
    ):
        client = signed_in(app, role, authority)
        for answer in (client.get(PAGE), client.post(f"{PAGE}/{held['id']}/release")):
            assert answer.status_code in (302, 303, 403)
            assert CALM not in answer.text
    assert published(folder) == []


def test_a_file_that_is_no_home_is_refused(folder: Path) -> None:
    for data in (
        b"",
        b"{}",
        b'{"schema":"provider/1"}',
        b"[" * 100,
        b" " * 70_000,
        b"1",
    ):
        (folder / "home.json").write_bytes(data)
        refused = hearth("publish", "--record", folder / "home.json", "--json", at(folder, "leeds"))
        assert refused.error
    assert waiting(folder) == []
