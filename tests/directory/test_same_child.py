"""A child stands in the register once: what is perhaps the same, a person settles, and undoes."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.hosting.entering.service import enter_notices
from directory.hosting.same.finding import FindSame
from directory.hosting.same.models import perhaps_same
from directory.notices.models import received_notice
from directory.security.audit.models import audit_row
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from tests.databases import Databases
from tests.directory.entered import came
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, LEEDS, LEWISHAM, MEDWAY, two_served

PAGE = f"/authorities/{KENT}/notices/same"
WHY = {"reason": "A child is missing, or may be at risk"}
BORN, TWINS = date(2012, 4, 9), date(2013, 1, 1)
MOVED, OTHER_HOME = {"identifier": "KID-1", "born": BORN}, {"urn": "SC100002"}
EVERY = [
    came("Zoë", "Quill", **MOVED),
    came("Zoe", "Quill", **MOVED, **OTHER_HOME, starts_on=date(2026, 9, 1)),
    came("Tim", "Twin", identifier="KID-2", born=TWINS, urn="SC100003"),
    came("Tom", "Twin", identifier="KID-3", born=TWINS, urn="SC100003"),
    came("Ann", "Alike", born=date(2011, 2, 2), urn="SC100004"),
    came("Anne", "Alike", born=date(2011, 2, 2), urn="SC100004", identifier="X", placing=LEWISHAM),
    came("Gone", "Quill", **MOVED, urn="SC100005", ended_on=date(2026, 1, 1)),
]


@pytest.fixture
def node(tmp_path: Path, database: Databases) -> Iterator[Node]:
    with two_served(tmp_path, database=database) as one:
        with writing(one.node_db) as connection:
            enter_notices(connection, one, operator("root"), KENT, EVERY)
        FindSame()(one)
        yield one


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture
def olu(app: Flask) -> FlaskClient:
    return signed_in(app, Role.DUTY_OFFICER, KENT, name="Olu Officer")


def say(browser: FlaskClient, path: str = PAGE, **form: str) -> TestResponse:
    return browser.post(path, data={**WHY, **form, "csrf_token": form_token(browser, PAGE)})


def living(node: Node) -> int:
    with reading(node.node_db) as connection:
        rows = connection.scalars(select(received_notice.c.ended_on))
        return sum(one is None for one in rows)


@pytest.mark.both_databases
def test_who_moved_and_who_was_entered_twice_is_found_and_twins_are_not(node: Node) -> None:
    chore = FindSame()
    chore(node)
    chore(replace(node, now=lambda: node.now() + timedelta(hours=1)))
    with reading(node.node_db) as connection:
        rows = connection.execute(select(perhaps_same.c.why, perhaps_same.c.area)).all()
    assert sorted(row.why for row in rows) == ["home and day of birth", "identifier"]
    assert {row.area for row in rows} == {KENT}


@pytest.mark.both_databases
def test_the_same_child_leaves_the_first_home_at_one_click_and_comes_back_at_another(
    node: Node, olu: FlaskClient
) -> None:
    assert "Quill" not in olu.get(PAGE).text
    assert "Choose why" in words_of(olu.post(PAGE, data={"csrf_token": form_token(olu, PAGE)}))
    listed = words_of(say(olu, "/register"))
    assert "2 pairs of notices are perhaps of the same child" in listed
    assert "Quill" in words_of(say(olu))
    with reading(node.node_db) as connection:
        moved = connection.scalars(
            select(perhaps_same.c.id).where(perhaps_same.c.why == "identifier")
        ).one()
        before = living(node)
    done = say(olu, do="same", pair=moved)
    assert "has left the register" in words_of(done)
    assert "The same child Olu Officer" in words_of(done)
    assert living(node) == before - 1
    with reading(node.node_db) as connection:
        older = connection.scalars(select(perhaps_same.c.leaves).where(perhaps_same.c.id == moved))
        row = connection.execute(
            select(received_notice).where(received_notice.c.id == older.one())
        ).one()
    assert (row.starts_on, row.ended_on) == (date(2026, 3, 2), date(2026, 8, 31))
    assert "settled this meanwhile" in words_of(say(olu, do="apart", pair=moved))
    say(olu, do="open", pair=moved)
    assert living(node) == before
    assert "Both stay" in words_of(say(olu, do="apart", pair=moved))
    assert living(node) == before
    with reading(node.node_db) as connection:
        rows = connection.execute(select(audit_row.c.detail, audit_row.c.reason)).all()
    said = " ".join(str(row.detail) for row in rows)
    for word in ("the same child as notice/", "undone, and notice/", "another child than notice/"):
        assert word in said
    assert "Quill" not in said


def test_another_authority_on_the_node_settles_nothing(app: Flask, node: Node) -> None:
    meg = signed_in(app, Role.DUTY_OFFICER, MEDWAY, name="Meg")
    with reading(node.node_db) as connection:
        number = connection.scalars(select(perhaps_same.c.id)).first() or ""
    theirs = f"/authorities/{MEDWAY}/notices/same"
    token = form_token(meg, theirs)
    answer = meg.post(theirs, data={**WHY, "do": "same", "pair": number, "csrf_token": token})
    assert "settled this meanwhile" in words_of(answer)
    assert "Quill" not in answer.text
    assert LEEDS not in answer.text
