"""Signing in: what it takes, and each way of getting round it that we know of."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.security.people import passwords, pauses
from directory.security.people.errors import Paused
from directory.security.people.factor_store import IN_USE, keep_factors, read_factors
from directory.security.people.links import INVITATION, make_link
from directory.security.people.models import failed_attempt, person, session
from directory.security.people.second_factor import code_at, replace_recovery_codes
from directory.security.people.visiting import safe_path
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from tests.databases import Databases
from tests.directory.people import form_token, make_person, session_for, signed_in
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, NOW, consortium

PASSWORD = "correct horse battery"
QUICK = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)
HASH = QUICK.hash(PASSWORD)
SECRET = b"12345678901234567890"  # of RFC 6238, appendix B


@pytest.fixture(autouse=True)
def _quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_HASHER", QUICK)
    passwords._nobodys.cache_clear()


class Clock:
    """A time that a test moves on."""

    def __init__(self) -> None:
        self.now = NOW

    def pass_by(self, **time: int) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, database_once: Databases) -> Iterator[Node]:
    with consortium(tmp_path_factory.mktemp("consortium"), {}, database_once) as one:
        yield one.reader


@pytest.fixture
def node(opened: Node, clock: Clock) -> Node:
    with writing(opened.node_db) as connection:
        connection.execute(failed_attempt.delete())
    return replace(opened, now=lambda: clock.now)


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    return app.test_client()


def make_sam(node: Node, **changed: Any) -> tuple[str, str]:
    """Somebody who has a password and a second factor: their id and email address."""
    who = make_person(node, (Role.COMMISSIONER, KENT))
    values = {"password_hash": HASH, **changed}
    with writing(node.node_db) as connection:
        keep_factors(connection, node, who, {IN_USE: values.pop("totp_secret", SECRET)})
        connection.execute(update(person).where(person.c.id == who).values(values))
        email = connection.scalar(select(person.c.email).where(person.c.id == who))
    return who, str(email)


def send(stranger: FlaskClient, address: str, **fields: str) -> TestResponse:
    """Fill in the form at an address and send it."""
    token = form_token(stranger, address)
    return stranger.post(address, data={"csrf_token": token, **fields})


def type_password(stranger: FlaskClient, email: str, password: str = PASSWORD) -> TestResponse:
    return send(stranger, "/sign-in", email=email, password=password)


def type_code(stranger: FlaskClient, code: str) -> TestResponse:
    return send(stranger, "/sign-in/code", code=code)


def is_in(stranger: FlaskClient) -> bool:
    return stranger.get("/homes").status_code == 200


# --- Coming in ------------------------------------------------------------------------------------


@pytest.mark.both_databases
def test_a_password_and_a_code_open_the_pages(
    node: Node, stranger: FlaskClient, clock: Clock
) -> None:
    _, email = make_sam(node)
    assert type_password(stranger, f"  {email.upper()} ").location == "/sign-in/code"
    assert not is_in(stranger), "a password alone opens nothing"
    assert type_code(stranger, code_at(SECRET, clock.now)).location == "/"
    assert is_in(stranger)


def test_signing_in_leads_on_to_what_was_wanted(
    node: Node, stranger: FlaskClient, clock: Clock
) -> None:
    _, email = make_sam(node)
    at = stranger.get("/homes?words=autism").location
    answer = send(stranger, at, email=email, password=PASSWORD)
    answer = send(stranger, answer.location, code=code_at(SECRET, clock.now))
    assert answer.location == "/homes?words=autism"


@pytest.mark.parametrize(
    "elsewhere",
    [
        *("https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example"),
        *("javascript:alert(1)", "evil.example", "\t//evil.example", "/homes\n//x", "/\t/evil", ""),
    ],
)
def test_signing_in_never_leads_to_another_site(elsewhere: str) -> None:
    assert safe_path(elsewhere) is None


@pytest.mark.both_databases
def test_a_first_sign_in_sets_up_the_second_factor(
    node: Node, stranger: FlaskClient, clock: Clock
) -> None:
    who, email = make_sam(node, totp_secret=None)
    assert type_password(stranger, email).location == "/sign-in/set-up"
    assert not is_in(stranger)
    assert stranger.get("/sign-in/set-up/picture.svg").mimetype == "image/svg+xml"
    key = words_of(stranger.get("/sign-in/set-up")).partition("below ")[0]
    assert key
    answer = send(stranger, "/sign-in/set-up", code="000000")
    assert answer.status_code == 400
    with reading(node.node_db) as connection:
        secret = read_factors(connection, node, who).pending
    answer = send(stranger, "/sign-in/set-up", code=code_at(secret, clock.now))
    assert "Your recovery codes" in words_of(answer)
    assert is_in(stranger)


# --- Guessing and finding out ---------------------------------------------------------------------


def test_enumeration_nobody_learns_who_has_an_account(node: Node, app: Flask) -> None:
    _, email = make_sam(node)
    _, left = make_sam(node, disabled_at=NOW)
    unset = make_sam(node, password_hash=None)[1]
    told = set()
    for typed in (email, left, unset, "nobody@council.example"):
        answer = type_password(app.test_client(), typed, "wrong horse battery")
        told.add((answer.status_code, words_of(answer).replace(typed, "")))
    assert len(told) == 1


def test_enumeration_as_much_work_is_done_where_there_is_no_account(
    node: Node, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: one hash is computed whatever was typed."""
    computed: list[str] = []

    def verify(_: object, stored: str, typed: str) -> bool:
        computed.append(stored)
        return True

    monkeypatch.setattr("argon2.PasswordHasher.verify", verify)
    _, email = make_sam(node)
    for number, typed in enumerate((email, "nobody@council.example"), 1):
        type_password(stranger, typed, "wrong horse battery")
        assert len(computed) == number
    assert computed[1].partition("p=")[0] == HASH.partition("p=")[0], "with the same parameters"


@pytest.mark.both_databases
def test_lock_out_five_wrong_passwords_and_the_right_one_has_to_wait(
    node: Node, app: Flask, clock: Clock
) -> None:
    _, email = make_sam(node)
    for typed in (email, "nobody@council.example"):
        stranger = app.test_client()
        for _ in range(5):
            assert "is not right" in words_of(type_password(stranger, typed, "wrong horse"))
        assert "Wait 1 minute," in words_of(type_password(stranger, typed))
    clock.pass_by(minutes=1, seconds=1)
    assert "is not right" in words_of(type_password(stranger, email, "wrong horse"))
    assert "Wait 2 minutes," in words_of(type_password(stranger, email)), "pauses grow"
    clock.pass_by(minutes=2, seconds=1)
    assert type_password(stranger, email).location == "/sign-in/code"


def test_lock_out_cannot_be_used_against_a_colleague_from_elsewhere(node: Node, app: Flask) -> None:
    _, email = make_sam(node)
    attacker = [pauses.of_password(email, "192.0.2.7")] * 5
    for counted in attacker:
        pauses.count_attempt(node.node_db, counted, node.now())
    with pytest.raises(Paused):
        pauses.count_attempt(node.node_db, attacker[0], node.now())
    assert type_password(app.test_client(), email).location == "/sign-in/code"


def test_many_machines_together_get_no_further_than_twenty(node: Node) -> None:
    for machine in range(20):
        counted = pauses.of_password("sam@council.example", f"192.0.2.{machine}")
        pauses.count_attempt(node.node_db, counted, node.now())
    other = pauses.of_password("sam@council.example", "198.51.100.1")
    with pytest.raises(Paused):
        pauses.count_attempt(node.node_db, other, node.now())


def test_one_machine_gets_no_further_than_fifty_accounts(node: Node) -> None:
    for number in range(50):
        counted = pauses.of_password(f"{number}@council.example", f"2001:db8::{number}")
        pauses.count_attempt(node.node_db, counted, node.now())
    other = pauses.of_password("other@council.example", "2001:db8::abcd")
    with pytest.raises(Paused):
        pauses.count_attempt(node.node_db, other, node.now())


def test_a_whole_council_behind_one_address_signs_in(node: Node) -> None:
    for number in range(60):
        counted = pauses.of_password(f"{number}@council.example", "192.0.2.7")
        pauses.count_attempt(node.node_db, counted, node.now())
        with writing(node.node_db) as connection:
            pauses.forgive(connection, counted)


def test_a_thief_of_the_password_guesses_five_codes(
    node: Node, stranger: FlaskClient, clock: Clock
) -> None:
    _, email = make_sam(node)
    type_password(stranger, email)
    for _ in range(5):
        assert "is not right" in words_of(type_code(stranger, "000000"))
    assert "Wait 1 minute," in words_of(type_code(stranger, code_at(SECRET, clock.now)))
    type_password(stranger, email)
    assert "Wait 1 minute," in words_of(type_code(stranger, code_at(SECRET, clock.now)))


def test_passwords_are_kept_as_argon2id_and_hashed_anew_when_the_cost_grows(
    node: Node, stranger: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    who, email = make_sam(node)
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher())
    type_password(stranger, email)
    with reading(node.node_db) as connection:
        kept = connection.scalar(select(person.c.password_hash).where(person.c.id == who))
    assert kept.startswith("$argon2id$")
    assert extract_parameters(kept).memory_cost == 64 * 1024
    assert PasswordHasher().verify(kept, PASSWORD)


# --- Using again what was used --------------------------------------------------------------------


@pytest.mark.both_databases
def test_code_replay_a_code_that_was_seen_is_worth_nothing(
    node: Node, app: Flask, clock: Clock
) -> None:
    _, email = make_sam(node)
    code = code_at(SECRET, clock.now)
    for expected in (302, 400):
        stranger = app.test_client()
        type_password(stranger, email)
        assert type_code(stranger, code).status_code == expected
    assert (
        type_code(stranger, code_at(SECRET, clock.now - timedelta(seconds=30))).status_code == 400
    )
    assert type_code(stranger, code_at(SECRET, clock.now + timedelta(seconds=30))).location == "/"


def test_a_code_of_a_minute_ago_is_too_old(node: Node, stranger: FlaskClient, clock: Clock) -> None:
    _, email = make_sam(node)
    type_password(stranger, email)
    for seconds in (-60, 60):
        code = code_at(SECRET, clock.now + timedelta(seconds=seconds))
        assert type_code(stranger, code).status_code == 400


@pytest.mark.both_databases
def test_recovery_code_twice(node: Node, app: Flask) -> None:
    who, email = make_sam(node)
    with writing(node.node_db) as connection:
        code = replace_recovery_codes(connection, who)[3]
    for typed, expected in ((f" {code.upper()} ", 302), (code, 400)):
        stranger = app.test_client()
        type_password(stranger, email)
        assert type_code(stranger, typed).status_code == expected


def test_recovery_codes_of_another_open_nothing(node: Node, stranger: FlaskClient) -> None:
    other, _ = make_sam(node)
    _, email = make_sam(node)
    with writing(node.node_db) as connection:
        code = replace_recovery_codes(connection, other)[0]
    type_password(stranger, email)
    assert type_code(stranger, code).status_code == 400


@pytest.mark.both_databases
def test_stolen_cookie_after_sign_out(app: Flask) -> None:
    stranger, thief = signed_in(app, Role.COMMISSIONER), app.test_client()
    name = app.session_interface.name  # type: ignore[attr-defined]
    cookie = stranger.get_cookie(name)
    assert cookie is not None
    thief.set_cookie(name, cookie.value)
    assert is_in(thief)
    answer = stranger.post("/sign-out", data={"csrf_token": form_token(stranger, "/homes")})
    assert answer.location == "/sign-in?done=signed-out"
    assert not is_in(thief)


def test_session_fixation_a_planted_cookie_is_not_the_session(
    node: Node, app: Flask, stranger: FlaskClient, clock: Clock
) -> None:
    name = app.session_interface.name  # type: ignore[attr-defined]
    planted, seen = "p" * 43, {"p" * 43}
    stranger.set_cookie(name, planted)
    _, email = make_sam(node)
    for step in (
        lambda: type_password(stranger, email),
        lambda: type_code(stranger, code_at(SECRET, clock.now)),
    ):
        step()
        cookie = stranger.get_cookie(name)
        assert cookie is not None
        assert cookie.value not in seen, "every step gives a new token"
        seen.add(cookie.value)
    attacker = app.test_client()
    attacker.set_cookie(name, planted)
    assert not is_in(attacker)


def test_a_copied_database_gives_no_session(node: Node) -> None:
    token = session_for(node, make_sam(node)[0])
    with reading(node.node_db) as connection:
        stored = connection.execute(select(session)).all()
    assert token not in repr(stored)
    assert token.encode() not in [row.digest for row in stored]


# --- How long it lasts ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "minutes", "expected"),
    [
        (Role.COMMISSIONER, 29, True),
        (Role.COMMISSIONER, 31, False),
        (Role.DUTY_OFFICER, 31, False),
        (Role.PROVIDER, 31, True),
        (Role.PROVIDER, 12 * 60 + 1, False),
    ],
)
def test_a_session_that_is_left_ends(
    app: Flask, clock: Clock, role: Role, minutes: int, expected: bool
) -> None:
    stranger = signed_in(app, role)
    clock.pass_by(minutes=minutes)
    assert is_in(stranger) is expected


@pytest.mark.both_databases
def test_a_session_that_is_used_ends_after_twelve_hours_all_the_same(
    app: Flask, clock: Clock
) -> None:
    stranger = signed_in(app, Role.DUTY_OFFICER)
    for _ in range(12 * 3):
        clock.pass_by(minutes=19, seconds=55)
        assert is_in(stranger)
    clock.pass_by(minutes=5)
    assert not is_in(stranger)


# --- Links ----------------------------------------------------------------------------------------


def a_link(node: Node, who: str) -> str:
    with writing(node.node_db) as connection:
        return f"/links/{make_link(connection, who, 'operator:tests', INVITATION, node.now())}"


def choose(stranger: FlaskClient, link: str, password: str = "another fine horse") -> TestResponse:
    return send(stranger, link, password=password, again=password)


@pytest.mark.both_databases
def test_link_twice(node: Node, app: Flask) -> None:
    who, email = make_sam(node)
    link = a_link(node, who)
    stranger = app.test_client()
    token = form_token(stranger, link)
    both = {"password": "another fine horse", "again": "another fine horse"}
    assert choose(app.test_client(), link).location == "/sign-in/code"
    answer = stranger.post(link, data={"csrf_token": token, **both})
    assert answer.status_code == 404
    assert "has been used" in words_of(answer)
    assert "is not right" in words_of(type_password(stranger, email)), "the old password is gone"


@pytest.mark.both_databases
def test_link_expired(node: Node, stranger: FlaskClient, clock: Clock) -> None:
    link = a_link(node, make_sam(node)[0])
    clock.pass_by(days=7, seconds=1)
    assert stranger.get(link).status_code == 404


def test_a_link_to_choose_a_password_does_not_get_round_the_second_factor(
    node: Node, stranger: FlaskClient
) -> None:
    link = a_link(node, make_sam(node)[0])
    assert choose(stranger, link).location == "/sign-in/code"
    assert not is_in(stranger)


def test_a_newer_link_takes_the_place_of_an_older_one(node: Node, stranger: FlaskClient) -> None:
    who, _ = make_sam(node)
    older, newer = a_link(node, who), a_link(node, who)
    assert stranger.get(older).status_code == 404
    assert stranger.get(newer).status_code == 200


def test_a_new_password_ends_every_session(node: Node, app: Flask) -> None:
    who, _ = make_sam(node)
    stolen = app.test_client()
    stolen.set_cookie(app.session_interface.name, session_for(node, who))  # type: ignore[attr-defined]
    assert is_in(stolen)
    choose(app.test_client(), a_link(node, who))
    assert not is_in(stolen)


@pytest.mark.parametrize(
    ("password", "again", "why"),
    [
        ("too short", "too short", "must have 12 to 128 characters"),
        ("x" * 129, "x" * 129, "must have 12 to 128 characters"),
        ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa", "easy to guess"),
        ("commonhearth 12", "commonhearth 12", "easy to guess"),
        ("another fine horse", "another fine hearse", "not the same"),
        ("", "", "Choose a password"),
    ],
)
def test_a_password_that_is_not_fit_is_refused_and_the_link_still_works(
    node: Node, stranger: FlaskClient, password: str, again: str, why: str
) -> None:
    link = a_link(node, make_sam(node)[0])
    answer = send(stranger, link, password=password, again=again)
    assert (answer.status_code, why in words_of(answer)) == (400, True)
    assert password == "" or password not in answer.text
    assert choose(stranger, link).status_code == 302


# --- Forms from elsewhere -------------------------------------------------------------------------


def test_a_form_without_its_token_is_refused(node: Node, app: Flask) -> None:
    _, email = make_sam(node)
    stranger, other = app.test_client(), app.test_client()
    fields = {"email": email, "password": PASSWORD}
    for token in ("", "made-up", form_token(other, "/sign-in")):
        form_token(stranger, "/sign-in")
        answer = stranger.post("/sign-in", data={"csrf_token": token, **fields})
        assert (answer.status_code, "This form could not be used" in words_of(answer)) == (
            400,
            True,
        )


def test_nobody_is_signed_out_by_another_site(app: Flask) -> None:
    stranger = signed_in(app, Role.COMMISSIONER)
    assert stranger.post("/sign-out").status_code == 400
    assert stranger.get("/sign-out").status_code == 405
    assert is_in(stranger)


def test_a_form_that_is_too_long_is_refused(stranger: FlaskClient) -> None:
    token = form_token(stranger, "/sign-in")
    answer = stranger.post("/sign-in", data={"csrf_token": token, "email": "x" * 70_000})
    assert answer.status_code == 413


def test_what_was_typed_is_in_no_log(
    node: Node, stranger: FlaskClient, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    who, email = make_sam(node)
    link = a_link(node, who)
    with caplog.at_level("DEBUG"):
        type_password(stranger, email)
        type_code(stranger, code_at(SECRET, clock.now))
        choose(stranger, link)
    for secret in (PASSWORD, email, code_at(SECRET, clock.now), "another fine horse"):
        assert secret not in caplog.text


@pytest.mark.both_databases
def test_failures_are_forgotten_after_a_day(node: Node, clock: Clock) -> None:
    pauses.count_attempt(node.node_db, pauses.of_password("a@b.example", "192.0.2.7"), clock.now)
    clock.pass_by(days=1, seconds=1)
    pauses.count_attempt(node.node_db, pauses.of_password("c@d.example", "192.0.2.8"), clock.now)
    with reading(node.node_db) as connection:
        assert connection.scalar(select(func.count()).select_from(failed_attempt)) == 3


def test_the_folder_of_keys_holds_the_forms_secret_for_its_owner_alone(node: Node) -> None:
    path: Path = node.folder / "keys" / "web-secret"
    create_app(node)
    assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(one.name for one in path.parent.iterdir() if "web-secret" in one.name) == [
        "web-secret"
    ]
