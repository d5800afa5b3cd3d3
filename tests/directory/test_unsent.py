"""A form that is sent after its session has ended is there again once its person has signed in, and
for nobody else.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.security.people.models import person
from directory.security.rights.roles import Role
from directory.security.unsent import keeping
from directory.security.unsent.models import unsent_form
from directory.security.vault.errors import DamagedValue
from directory.security.vault.sealing import open_value
from federation import Node, reading, writing
from tests.databases import Databases
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

    @property
    def cookie(self) -> str:
        return self.app.session_interface.name  # type: ignore[attr-defined, no-any-return]

    def sign_in(self, who: str | None = None) -> None:
        """The same browser, with the cookie that signing in gives."""
        self.browser.set_cookie(self.cookie, session_for(self.node, who or self.who))

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
    assert not kept_rows(desk.node)


def test_another_person_at_the_same_browser_sees_nothing_and_nobody_does_afterwards(
    desk: Desk,
) -> None:
    there = desk.kept()
    desk.sign_in(make_person(desk.node, (Role.COMMISSIONER, KENT)))
    answer = desk.browser.get(there)
    assert answer.status_code == 404
    assert CHILD not in answer.text
    assert not kept_rows(desk.node)
    desk.sign_in()
    assert desk.browser.get(there).status_code == 404


def test_without_signing_in_or_with_another_handle_nothing_is_shown(desk: Desk) -> None:
    there = desk.kept()
    assert onwards(desk.browser.get(there)) == there
    desk.sign_in()
    other = desk.app.test_client()
    session = desk.browser.get_cookie(desk.cookie)
    assert session
    other.set_cookie(desk.cookie, session.value)
    assert other.get(there).status_code == 404, "another browser of the same person"
    for handle in ("", "x", "A" * 43):
        other.set_cookie(f"{desk.cookie}-unsent", handle)
        assert other.get(there).status_code == 404
    assert desk.browser.get(there).status_code == 200


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


def test_one_person_keeps_one_form_of_a_bounded_size(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.kept()
    there = onwards(desk.send(given_name="Second"))
    assert len(kept_rows(desk.node)) == 1
    desk.sign_in()
    page = desk.browser.get(there).text
    assert "Second" in page
    assert CHILD not in page
    monkeypatch.setattr(keeping, "LARGEST", 100)
    desk.wait(minutes=31)
    assert not onwards(desk.send())


def test_with_an_old_cookie_the_disk_is_kept_busy_a_few_times_only(desk: Desk) -> None:
    desk.wait(minutes=31)
    there = [onwards(desk.send()) for _ in range(keeping.MOST_TIMES + 1)]
    assert [*map(bool, there)] == [True] * keeping.MOST_TIMES + [False]
    desk.wait(minutes=31)
    assert onwards(desk.send())


@pytest.mark.both_databases
def test_the_oldest_of_all_forms_gives_way_and_what_nobody_comes_for_is_deleted(
    database: Databases, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = keeping.Unsent("/", (("text", "x" * 6),))
    size = len(msgspec.json.encode(form))
    monkeypatch.setattr(keeping, "MOST", 2 * size)
    now = [NOW]
    with consortium(tmp_path, {}, database) as one:
        node = replace(one.reader, now=lambda: now[0])
        people = [make_person(node) for _ in range(3)]
        handles = []
        for who in people:
            handles.append(keeping.keep(node, who, form) or "")
            now[0] += timedelta(minutes=1)
        kept = [keeping.kept_form(node, *one) for one in zip(handles, people, strict=True)]
        assert kept == [None, form, form]
        now[0] += keeping.KEPT_FOR - timedelta(minutes=1)
        keeping.end_unsent(node)
        assert kept_rows(node) == []


def test_nothing_of_it_is_on_disk_even_with_the_node_s_keys_or_in_an_address(desk: Desk) -> None:
    there = desk.kept()
    handle = desk.browser.get_cookie(f"{desk.cookie}-unsent")
    assert handle
    assert (handle.http_only, handle.same_site, handle.max_age) == (True, "Lax", 1800)
    assert there == "/unsent"
    files = [one for one in Path(desk.node.folder).rglob("*") if one.is_file()]
    assert files
    for secret in (b"Nobodyelse", handle.value.encode()):
        assert not [one for one in files if secret in one.read_bytes()]
    # What opens it is neither the digest that names it nor any other value of its row.
    (row,) = kept_rows(desk.node)
    assert CHILD.encode() not in row.sealed
    with pytest.raises(DamagedValue):
        open_value(row.digest, "unsent_form", "sealed", row.person, row.sealed)


def test_who_signs_out_leaves_nothing_to_open(desk: Desk) -> None:
    there = desk.kept()
    desk.sign_in()
    token = form_token(desk.browser, "/")
    desk.browser.post("/sign-out", data={"csrf_token": token})
    desk.sign_in()
    assert desk.browser.get(there).status_code == 404


def test_a_form_whose_sending_failed_here_is_kept(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = desk.kept()
    desk.sign_in()
    sent = fields_of(desk.browser.get(there))
    with monkeypatch.context() as broken:
        broken.setitem(desk.app.view_functions, "notices_sent.new", fail)
        assert desk.browser.post(NEW, data=sent).status_code == 500
    assert CHILD in words_of(desk.browser.get(there))


def fail(**_: str) -> None:
    raise OSError("the disk is full")


def kept_rows(node: Node) -> list[Any]:
    """What lies in the table at this time."""
    with reading(node.node_db) as connection:
        return list(connection.execute(select(unsent_form)))
