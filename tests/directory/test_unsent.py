"""A form that is sent after its session has ended is there again once its person has signed in, and
for nobody else.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.security.people.models import person
from directory.security.rights.roles import Role
from directory.security.unsent import keeping
from federation import Node, writing
from tests.directory.correspondence import ANSWERS
from tests.directory.people import carrying, form_token, make_person, session_for
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, NOW, consortium

NEW = f"/authorities/{KENT}/notices/new"
CHILD = "Robin Nobodyelse"
TYPED = {**ANSWERS, "step": "check", "given_name": CHILD, "care_plan": "One line\r\n<b>two</b>"}


@dataclass
class Desk:
    """A commissioner's browser, in which a form stands open; and a clock."""

    node: Node
    app: Flask
    who: str
    browser: FlaskClient
    token: str
    now: list[timedelta]

    def wait(self, **time: int) -> None:
        self.now[0] += timedelta(**time)

    def send(self, **typed: str) -> TestResponse:
        return self.browser.post(NEW, data={"csrf_token": self.token, **TYPED, **typed})

    def sign_in(self, who: str | None = None) -> None:
        """The same browser, with the cookie that signing in gives."""
        cookie = self.app.session_interface.name  # type: ignore[attr-defined]
        self.browser.set_cookie(cookie, session_for(self.node, who or self.who))

    def kept(self, **typed: str) -> str:
        """Where the form is, after the session ended before it was sent."""
        self.wait(minutes=31)
        return onwards(self.send(**typed))


def onwards(answer: TestResponse) -> str:
    """Where signing in leads."""
    assert answer.status_code == 303
    path, _, wanted = (answer.location or "").partition("?next=")
    assert path == "/sign-in"
    return wanted


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Flask, list[timedelta]]]:
    now = [timedelta()]
    with consortium(tmp_path_factory.mktemp("consortium"), {}) as one:
        yield create_app(replace(one.reader, now=lambda: NOW + now[0])), now


@pytest.fixture
def desk(opened: tuple[Flask, list[timedelta]]) -> Desk:
    app, now = opened
    node: Node = app.extensions["commonhearth.node"]
    who = make_person(node, (Role.COMMISSIONER, KENT))
    browser = carrying(app, session_for(node, who))
    return Desk(node, app, who, browser, form_token(browser, NEW), now)


def fields_of(answer: TestResponse) -> dict[str, str]:
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.text)
    return {name: html.unescape(value) for name, value in found}


@pytest.mark.parametrize("hours", [1, 13], ids=["unused for too long", "longer than any lasts"])
def test_what_was_typed_is_there_after_signing_in_and_goes_where_it_was_to(
    desk: Desk, hours: int
) -> None:
    desk.wait(hours=hours)
    there = onwards(desk.send())
    assert "What you typed is kept" in words_of(desk.browser.get(f"/sign-in?next={there}"))
    desk.sign_in()
    page = desk.browser.get(there)
    assert CHILD in words_of(page)
    assert page.headers["Cache-Control"] == "no-store"
    sent = fields_of(page)
    assert {name: sent[name] for name in TYPED} == TYPED
    answer = desk.browser.post(NEW, data=sent)
    assert answer.status_code == 200
    assert "Check the notice" in words_of(answer)
    assert CHILD in words_of(answer)
    assert desk.browser.get(there).status_code == 404, "what was sent is kept no longer"


def test_another_person_at_the_same_browser_sees_nothing_and_nobody_does_afterwards(
    desk: Desk,
) -> None:
    there = desk.kept()
    desk.sign_in(make_person(desk.node, (Role.COMMISSIONER, KENT)))
    answer = desk.browser.get(there)
    assert answer.status_code == 404
    assert CHILD not in answer.text
    desk.sign_in()
    assert desk.browser.get(there).status_code == 404


def test_without_signing_in_or_with_another_handle_nothing_is_shown(desk: Desk) -> None:
    there = desk.kept()
    assert onwards(desk.browser.get(there)) == there
    desk.sign_in()
    assert desk.browser.get(f"{there[:-1]}{'A' if there[-1] != 'A' else 'B'}").status_code == 404


def test_after_half_an_hour_and_for_who_has_left_it_is_gone(desk: Desk) -> None:
    there = desk.kept()
    desk.wait(minutes=30)
    desk.sign_in()
    assert desk.browser.get(there).status_code == 404
    with writing(desk.node.node_db) as connection:
        connection.execute(
            update(person).where(person.c.id == desk.who).values(disabled_at=desk.node.now())
        )
    assert not onwards(desk.send())


@pytest.mark.parametrize("token", ["", "x", "another's"])
def test_a_form_that_another_site_sends_is_not_kept(desk: Desk, token: str) -> None:
    desk.wait(minutes=31)
    if token == "another's":
        other = carrying(desk.app, session_for(desk.node, desk.who))
        token = form_token(other, NEW)
    assert not onwards(desk.send(csrf_token=token))


def test_a_cookie_that_was_nobodys_or_was_signed_out_keeps_nothing(desk: Desk) -> None:
    desk.browser.post("/sign-out", data={"csrf_token": desk.token})
    assert not onwards(desk.send())
    stranger = desk.app.test_client()
    token = form_token(stranger, "/sign-in")
    assert not onwards(stranger.post(NEW, data={"csrf_token": token, **TYPED}))


def test_a_password_is_never_kept(desk: Desk) -> None:
    desk.wait(minutes=31)
    typed = {"csrf_token": desk.token, "current": "correct horse", "password": "battery staple"}
    assert not onwards(desk.browser.post("/account/password", data=typed))


def test_one_person_keeps_one_form_and_all_of_them_only_so_much(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = desk.kept(), onwards(desk.send(given_name="Second"))
    desk.sign_in()
    assert desk.browser.get(first).status_code == 404
    assert "Second" in desk.browser.get(second).text
    monkeypatch.setattr(keeping, "LARGEST", 100)
    desk.wait(minutes=31)
    assert not onwards(desk.send())


def test_the_oldest_of_all_forms_gives_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "MOST", 25)
    forms = keeping.UnsentForms(lambda: NOW)
    handles = [forms.keep(who, "/", (("text", "x" * 6),)) or "" for who in "abc"]
    kept = [forms.of(handle, who) for handle, who in zip(handles, "abc", strict=True)]
    assert [one is not None for one in kept] == [False, True, True]


def test_nothing_of_it_is_on_disk_or_in_an_address(desk: Desk) -> None:
    there = desk.kept()
    assert "Robin" not in there
    files = [one for one in Path(desk.node.folder).rglob("*") if one.is_file()]
    assert files
    assert not [one for one in files if b"Nobodyelse" in one.read_bytes()]
