"""Saved searches, and changed homes where children live, for systems: as on the pages."""

import secrets
from datetime import date
from typing import Any

import pytest
from sqlalchemy import delete, insert
from werkzeug.test import TestResponse

from directory.choosing.changes.models import home_change
from directory.placing.register.models import child, placement
from directory.placing.register.rows import insert_children, insert_placements
from directory.placing.register.values import ChildFacts, Course, PlacementFacts
from federation import writing
from protocols.commissioning import Demand, NeedTotal
from tests.api.systems import SystemClient
from tests.directory.worlds import KENT, NOW, Consortium, a_home, wants

pytestmark = pytest.mark.both_databases
SEARCHES = "/saved-searches"
PLACED = f"/authorities/{KENT}/changes/where-placed"


def post(system: SystemClient, path: str, **body: Any) -> TestResponse:
    key = {"Idempotency-Key": secrets.token_hex(16)}
    return system.post(path, json=body or None, headers=key)


def test_a_search_is_kept_tells_what_is_new_and_is_let_go(
    system: SystemClient, world: Consortium
) -> None:
    answer = post(system, SEARCHES, called="Kestrels", filters={"words": "Kestrel"})
    one = f"{SEARCHES}/{answer.get_json()['id']}"
    assert answer.headers["Location"].endswith(one)
    kept = system.get(one).get_json()
    assert (kept["filters"], kept["found"], kept["new"]) == ({"words": "Kestrel"}, 0, [])
    world.publish("kent-node", [a_home("SC100077", name="Kestrel House")])
    world.follow_all(world.reader)
    assert system.get(one).get_json()["new"] == ["SC100077"]
    assert post(system, f"{one}/seen").status_code == 201
    assert system.get(SEARCHES).get_json()["searches"][0]["new"] == []
    assert system.delete(one).status_code == 204
    assert system.get(one).status_code == 404
    assert system.delete(one).status_code == 404


@pytest.mark.parametrize(
    ("filters", "pointer"),
    [
        ({"near": "LS6"}, "#/filters/near"),
        ({"away": ["Leeds"]}, "#/filters"),
        ({"vacancy": "yes"}, "#/filters"),
        ({"judgement": "Splendid"}, "#/filters/judgement"),
    ],
)
def test_what_could_describe_a_child_is_no_filter_of_a_saved_search(
    system: SystemClient, filters: dict[str, object], pointer: str
) -> None:
    answer = post(system, SEARCHES, called="A search", filters=filters)
    assert answer.status_code == 422
    assert [each["pointer"] for each in answer.get_json()["errors"]] == [pointer]


def test_words_that_name_a_child_are_not_saved(system: SystemClient) -> None:
    words = {"words": "born 3 May 2012"}
    answer = post(system, SEARCHES, called="A search", filters=words)
    assert answer.status_code == 422
    assert "2012" not in answer.text


def test_a_system_is_told_how_many_children_live_in_a_home_that_changed(
    system: SystemClient, world: Consortium
) -> None:
    node = world.reader
    with writing(node.node_db) as connection:
        child_facts = ChildFacts("KID-90210", "Zebedee", "Quillfeather")
        (of,) = insert_children(connection, node, KENT, "typed", [child_facts])
        course = Course(date(2026, 6, 1), "live")
        facts = PlacementFacts("children's home", "7 Nowhere Lane", "SC100001")
        insert_placements(connection, node, KENT, "typed", [(of, course, facts)])
        newest = connection.execute(
            insert(home_change)
            .values(
                urn="SC100001",
                kind="closed",
                authority=KENT,
                differences="[]",
                as_at=NOW.date(),
                noted_at=NOW,
            )
            .returning(home_change.c.id)
        ).scalar_one()
    answer = system.get(PLACED)
    (home,) = answer.get_json()["homes"]
    assert (home["urn"], home["here"], home["coming"]) == ("SC100001", 1, 0)
    assert home["changes"][0]["kind"] == "closed"
    assert "KID-90210" not in answer.text
    assert system.get(f"/authorities/{KENT}/changes/where-told").get_json() == {"homes": []}
    assert post(system, f"{PLACED}/seen", newest=newest).status_code == 201
    assert system.get(PLACED).get_json() == {"homes": []}
    with writing(node.node_db) as connection:
        for table in (placement, child, home_change):
            connection.execute(delete(table))


def test_demand_is_added_up_by_need_and_region(system: SystemClient, world: Consortium) -> None:
    totals = (NeedTotal("autism", 35), NeedTotal("missing"))
    world.say("kent-node", wants(KENT, demand=Demand(date(2026, 4, 1), date(2027, 3, 31), totals)))
    assert system.get("/commissioning/demand").get_json()["demand"] == [
        {"need": "autism", "region": "South East", "children": 35, "few": 0},
        {"need": "missing", "region": "South East", "children": 0, "few": 1},
    ]
