"""The search, for systems: what the page finds, in JSON, page by page, and asked again cheaply."""

import re

import pytest
from flask import Flask

from protocols.problems import PREFIX, Problem
from tests.api.systems import API, SystemClient
from tests.directory.worlds import KENT

pytestmark = pytest.mark.both_databases


def test_finds_what_the_page_finds(system: SystemClient) -> None:
    answer = system.get("/homes?words=autism&judgement=Good")
    assert answer.status_code == 200
    (found,) = answer.get_json()["homes"]
    assert found["record"]["urn"] == "SC100001"
    assert found["record"]["schema"] == "home/1"
    assert (found["node"], found["contested"]) == ("kent-node", False)


def test_a_home_is_read_with_every_claim(system: SystemClient) -> None:
    claims = system.get("/homes/SC100005").get_json()["claims"]
    assert {claim["node"] for claim in claims} == {"kent-node", "leeds-node"}
    assert all(claim["contested"] for claim in claims)


def test_a_home_that_nobody_published_is_not_found(system: SystemClient) -> None:
    answer = system.get("/homes/SC999999")
    assert answer.status_code == 404
    assert answer.get_json()["type"] == Problem.NOT_FOUND.type == f"{PREFIX}not-found"


def test_links_lead_through_every_page_once(system: SystemClient) -> None:
    path, seen = "/homes?region=South East", []
    while path:
        answer = system.get(path)
        seen += [one["record"]["urn"] for one in answer.get_json()["homes"]]
        following = re.search(r'<([^>]*)>; rel="next"', answer.headers["Link"])
        path = following[1].removeprefix(API) if following else ""
    assert len(seen) == len(set(seen)) == answer.get_json()["total"]


def test_a_page_beyond_the_last_is_not_there(system: SystemClient) -> None:
    assert system.get("/homes?page=999").status_code == 404


def test_what_has_not_changed_is_not_sent_again(system: SystemClient) -> None:
    first = system.get("/homes?words=autism")
    validator = first.headers["ETag"]
    again = system.get("/homes?words=autism", headers={"If-None-Match": validator})
    assert (again.status_code, again.data) == (304, b"")
    other = system.get("/homes?words=calm", headers={"If-None-Match": validator})
    assert other.status_code == 200
    assert first.headers["Cache-Control"] == "private, no-cache"


def test_every_mistake_in_the_address_is_named_at_once(system: SystemClient) -> None:
    answer = system.get("/homes?min_places=lots&judgement=Splendid&colour=red")
    assert answer.status_code == 422
    errors = answer.get_json()["errors"]
    assert {one.get("parameter") for one in errors} == {"min_places", "judgement", None}
    assert b"Splendid" not in answer.data
    assert b"colour" not in answer.data


def test_postcodes_are_posted_and_stand_in_no_address(system: SystemClient) -> None:
    refused = system.get("/homes?near=LS6")
    assert refused.status_code == 422
    assert "never part of an address" in refused.get_json()["errors"][0]["detail"]
    assert system.get("/homes?away=LS6").status_code == 422
    found = system.post("/searches", json={"words": "SC100005", "near": "ME14", "away": ["LS6"]})
    assert [one["record"]["authority"] for one in found.get_json()["homes"]] == [KENT]
    assert found.headers["Cache-Control"] == "no-store"
    wrong = system.post("/searches", json={"near": "LS6 9QQ", "away": ["BT1", "LS6"]})
    assert {one["pointer"] for one in wrong.get_json()["errors"]} == {"#/near", "#/away"}
    assert b"9QQ" not in wrong.data


def test_a_filter_given_twice_is_a_mistake(system: SystemClient) -> None:
    assert system.get("/homes?min_places=1&min_places=2").status_code == 422


def test_authorities_are_open_to_everyone(app: Flask) -> None:
    answer = app.test_client().get(f"{API}/authorities?page_size=100&page=2")
    assert answer.status_code == 200
    named = {one["name"]: one["node"] for one in answer.get_json()["authorities"]}
    assert named["Kent"] == "kent-node"


def test_addresses_that_there_are_not_are_problems_too(app: Flask) -> None:
    for path, method, status in (
        (f"{API}/nothing", "GET", 404),
        (f"{API}/homes", "DELETE", 405),
        ("/api/v9/homes", "GET", 404),
    ):
        answer = app.test_client().open(path, method=method)
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
        assert answer.get_json()["status"] == status
