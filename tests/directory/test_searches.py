"""A search is kept without anything of a child; what changes is told until seen."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.choosing.searches import service
from directory.choosing.searches.models import saved_search
from directory.security.rights.roles import Role
from federation import reading, sequence, stage_retirement, writing
from tests.databases import Databases
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import title_of, words_of
from tests.directory.worlds import Consortium, a_home, consortium, judged

pytestmark = pytest.mark.both_databases(second_is_soak=True)

ROWAN = a_home("SC100001", name="Rowan House", judgement=judged("Good"))
ELM = a_home("SC100002", name="Elm Lodge", judgement=judged("Good"))
ASH = a_home("SC100003", name="Ash House", judgement=judged("Good"))
OAK = a_home("SC100004", name="Oak House", judgement=judged("Good"))


@dataclass
class World:
    one: Consortium
    app: Flask
    visitor: FlaskClient

    def post(self, address: str, page: str = "/searches", **typed: str) -> TestResponse:
        token = form_token(self.visitor, page)
        data = {"csrf_token": token, **typed}
        return self.visitor.post(address, data=data, follow_redirects=True)

    def save(self, called: str = "Good homes", **filters: str) -> TestResponse:
        return self.post("/searches", called=called, **filters)

    @property
    def address(self) -> str:
        found = re.search(r'href="(/searches/[0-9a-f]{32})"', self.visitor.get("/searches").text)
        assert found
        return found[1]


@pytest.fixture(scope="module")
def settled(
    tmp_path_factory: pytest.TempPathFactory, database_once: Databases
) -> Iterator[Consortium]:
    homes = {"kent-node": [ROWAN, ELM, ASH]}
    with consortium(tmp_path_factory.mktemp("settled"), homes, database_once) as one:
        yield one


@pytest.fixture
def still(settled: Consortium) -> World:
    """Where nothing is published any more: somebody new signs in."""
    app = create_app(settled.reader)
    return World(settled, app, signed_in(app, Role.COMMISSIONER))


@pytest.fixture
def world(tmp_path: Path, database: Databases) -> Iterator[World]:
    with consortium(tmp_path, {"kent-node": [ROWAN, ELM, ASH]}, database) as one:
        app = create_app(one.reader)
        yield World(one, app, signed_in(app, Role.COMMISSIONER))


def test_what_is_new_changed_closed_and_no_longer_fits_is_told_until_it_was_seen(
    world: World,
) -> None:
    shown = words_of(world.save(judgement="Good"))
    assert "The search is saved." in shown
    assert "Judgement: Good. 3 homes, nothing new." in shown
    world.one.publish(
        "kent-node",
        [
            a_home("SC100001", name="Rowan House", judgement=judged("Outstanding")),
            a_home("SC100002", name="Elm Lodge", judgement=judged("Good"), status="Suspended"),
            OAK,
        ],
    )
    retire_one(world, "SC100003")
    shown = words_of(world.visitor.get("/searches"))
    assert "1 new 1 changed 1 closed 1 no longer fit" in shown
    assert "Saved search: Good homes 4 homes" in words_of(world.visitor.get("/"))
    shown = words_of(world.visitor.get(world.address))
    assert "New 1 Found for the first time since you last looked. Oak House, URN SC100004" in shown
    assert "Elm Lodge, URN SC100002 , Kent ( what was said before" in shown
    assert "No longer published. Ask the home before you rely on it. URN SC100003" in shown
    shown = words_of(world.post(f"{world.address}/seen"))
    assert "2 homes, nothing new." in shown
    assert "Saved search" not in words_of(world.visitor.get("/")).partition("Nothing waits")[0]


def retire_one(world: World, urn: str) -> None:
    node = world.one.nodes["kent-node"]
    with writing(node.node_db) as connection:
        stage_retirement(connection, node, [f"home/{urn}"])
    sequence(node)
    world.one.follow_all(node)


def test_the_same_said_again_by_a_newer_list_is_no_news(world: World) -> None:
    world.save(judgement="Good")
    source = type(ROWAN.source)("Another list", ROWAN.source.as_at)
    again = a_home("SC100001", name="Rowan House", judgement=judged("Good"), source=source)
    world.one.publish("kent-node", [again])
    world.one.follow_all(world.one.reader)
    assert "3 homes, nothing new." in words_of(world.visitor.get("/searches"))


def test_nothing_that_could_describe_a_child_is_kept(still: World) -> None:
    page = still.visitor.get("/homes?judgement=Good&order=best+match&vacancy=yes")
    form = page.text.partition('action="/searches"')[2].partition("</form>")[0]
    names = re.findall(r'type="hidden" name="([^"]*)"', form)
    assert names == ["csrf_token", "judgement"]
    still.save(judgement="Good", away="LS6", vacancy="yes", order="judgement, best first")
    shown = words_of(still.visitor.get(still.address))
    assert "Judgement: Good." in shown
    assert not re.search("LS6|Vacancy: ", shown)
    assert still.save(near="LS6", judgement="Good").status_code == 400
    with reading(still.one.reader.node_db) as connection:
        held = connection.scalars(select(saved_search.c.saved)).all()
    assert not [one for one in held if b"SC100001" in one or b"Good homes" in one]
    assert held


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"called": ""}, "Enter a name for this search"),
        ({"called": "x" * 81}, "Write 80 characters or fewer"),
        ({"called": "Girl born 3 May 2012"}, "Nothing about a child is saved"),
        ({"words": "born 3 May 2012"}, "The words of the search: Characters"),
    ],
)
def test_a_mistake_is_named_beside_its_field_and_the_filters_kept(
    still: World, typed: dict[str, str], said: str
) -> None:
    answer = still.save(**{"called": "Good homes", "judgement": "Good", **typed})
    assert answer.status_code == 400
    assert title_of(answer).startswith("Error: ")
    assert said in words_of(answer)
    assert 'name="judgement" value="Good"' in answer.text


def test_a_search_is_deleted_after_a_question_and_is_nobody_elses(still: World) -> None:
    still.save(judgement="Good")
    address = still.address
    other = signed_in(still.app, Role.COMMISSIONER)
    assert "You have saved no search yet." in words_of(other.get("/searches"))
    assert other.get(address).status_code == 404
    assert other.get(f"{address}/delete").status_code == 404
    assert "Delete “Good homes”?" in words_of(still.visitor.get(f"{address}/delete"))
    assert "The search is deleted." in words_of(still.post(f"{address}/delete"))
    assert "You have saved no search yet." in words_of(still.visitor.get("/searches"))
    assert still.visitor.get(address).status_code == 404
    assert signed_in(still.app, Role.PROVIDER).get("/searches").status_code == 403


def test_nobody_keeps_more_than_the_page_holds(
    still: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_SAVED", 2)
    for _ in range(2):
        still.save(judgement="Good")
    assert "You keep 2 searches already." in words_of(still.save(judgement="Good"))
    monkeypatch.setattr(service, "MOST_SAVED", 20)
    monkeypatch.setattr(service, "MOST_HOMES", 2)
    assert "This search finds 3 homes. Narrow it to 2 or fewer" in words_of(
        still.save(judgement="Good")
    )
