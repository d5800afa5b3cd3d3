"""Shortlists, changes and statements for an authority's systems: as on the pages, no further."""

import secrets
from typing import Any

import pytest
from sqlalchemy import delete, insert, select
from werkzeug.test import TestResponse

from directory.choosing.changes.models import home_change, home_change_seen
from directory.security.audit.models import audit_row
from federation import reading, writing
from tests.api.systems import SystemClient
from tests.directory.worlds import KENT, NOW, Consortium, a_statement

pytestmark = pytest.mark.both_databases
LISTS = f"/authorities/{KENT}/shortlists"
CHANGES = f"/authorities/{KENT}/changes"
HOME = "SC100001"


def post(system: SystemClient, path: str, **body: Any) -> TestResponse:
    return system.post(path, json=body, headers={"Idempotency-Key": secrets.token_hex(16)})


def test_a_shortlist_is_begun_weighed_and_decided(system: SystemClient, world: Consortium) -> None:
    number = post(system, LISTS, called="Search 12").get_json()["id"]
    one = f"{LISTS}/{number}"
    assert post(system, f"{one}/homes", urn="SC999999", why="It fits").status_code == 422
    assert post(system, f"{one}/homes", urn=HOME, why="It fits").status_code == 201
    decision = {"chosen": HOME, "why": "The nearest", "child_said": "Yes", "offered": [HOME]}
    assert post(system, f"{one}/decision", **decision).status_code == 201
    assert post(system, f"{one}/decision", **decision).status_code == 409
    whole = system.get(one).get_json()
    assert whole["decision"] == {**decision, "decided_by": "Case system"}
    assert (whole["options"][0]["urn"], whole["options"][0]["why"]) == (HOME, "It fits")
    assert whole["rows"]
    assert number in {each["id"] for each in system.get(LISTS).get_json()["shortlists"]}
    assert system.get(f"{LISTS}/{'0' * 32}").status_code == 404
    with reading(world.reader.node_db) as connection:
        last = connection.execute(select(audit_row).order_by(audit_row.c.seq.desc()).limit(1)).one()
    assert (last.record, last.detail) == (f"shortlist/{number}", "read")


def test_what_names_a_child_is_refused_and_not_said_again(system: SystemClient) -> None:
    answer = post(system, LISTS, called="Born on 3 May 2012")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["pointer"] == "#/called"
    assert "2012" not in answer.text


def test_changes_are_listed_and_marked_as_seen_once(
    system: SystemClient, world: Consortium
) -> None:
    with writing(world.reader.node_db) as connection:
        made = connection.execute(
            insert(home_change)
            .values(
                urn=HOME,
                kind="changed",
                name="Rowan House",
                authority=KENT,
                differences='[["places",3,4]]',
                as_at=NOW.date(),
                noted_at=NOW,
            )
            .returning(home_change.c.id)
        ).scalar_one()
    (one,) = system.get(f"{CHANGES}?kind=changed&area=here").get_json()["changes"]
    assert (one["id"], one["urn"], one["seen_at"]) == (made, HOME, None)
    assert one["differences"] == [{"what": "places", "before": 3, "after": 4}]
    marks = [post(system, f"{CHANGES}/seen", ids=[made]).get_json() for _ in range(2)]
    assert marks == [{"marked": 1}, {"marked": 0}]
    assert system.get(CHANGES).get_json()["total"] == 0
    assert system.get(f"{CHANGES}?seen=true").get_json()["total"] == 1
    with writing(world.reader.node_db) as connection:
        connection.execute(delete(home_change_seen))
        connection.execute(delete(home_change))


def test_a_statement_is_read_with_who_vouches(system: SystemClient, world: Consortium) -> None:
    assert system.get(f"/homes/{HOME}/statements").status_code == 404
    world.say("kent-node", a_statement(HOME, {"ethos": "We are patient."}))
    (one,) = system.get(f"/homes/{HOME}/statements").get_json()["statements"]
    assert one["node"] == "kent-node"
    assert one["record"]["sections"] == [{"matter": "ethos", "text": "We are patient."}]
