"""Open Referral UK 3.0: both feeds keep to the official schemas, on every page of every list.

The open one shows nothing but what is public.
"""

import json
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask
from sqlalchemy import func, select

from directory.app import create_app
from directory.homes.index import SAMPLE
from directory.homes.models import home
from directory.oruk.identifiers import identifier
from directory.oruk.query import LARGEST_PAGE
from directory.security.rights.principal import operator
from directory.security.rights.roles import Scope
from directory.security.systems.service import register
from federation import reading, sequence, stage, writing
from protocols.commissioning import Demand, Framework, NeedTotal, Office, PositionStatement
from protocols.kinds import Source
from protocols.records import Provider, encode_record
from tests.api.systems import SystemClient
from tests.directory.visiting import HOMES, HOSTILE
from tests.directory.worlds import KENT, LEEDS, Consortium, a_home, consortium, wants

SCHEMAS = Path(__file__).parents[3] / "shared/data/oruk/schema"
ENDPOINTS = {
    "/services": ("compiled/service_list.json", "compiled/service.json"),
    "/service_at_locations": (
        "compiled/service_at_location_list.json",
        "compiled/service_at_location.json",
    ),
    "/taxonomies": ("taxonomy.json", "taxonomy.json"),
    "/taxonomy_terms": ("taxonomy_term.json", "taxonomy_term.json"),
}
PAGE = {
    "total_items": int,
    "total_pages": int,
    "page_number": int,
    "size": int,
    "first_page": bool,
    "last_page": bool,
    "empty": bool,
    "contents": list,
}
official = pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the official schemas are not here")
Get = Callable[[str], Any]


def said_by(gss: str, **known: object) -> Any:
    return wants(
        gss,
        referrals=Office("Placements team", "placements@council.example", "01632 960200"),
        statement=PositionStatement(
            "Homes, 2026 to 2029", "https://www.council.example/position", date(2026, 1, 12)
        ),
        frameworks=(
            Framework("Open now", "Small homes", "On the portal", date(2026, 1, 1), None),
            Framework("Closed", "Homes", "Ask", closes=date(2026, 11, 19), open_list=True),
            Framework("Later", "Homes", "Ask", opens=date(2026, 11, 21)),
            Framework(HOSTILE, HOSTILE, HOSTILE, address="https://a.example/%22?x=1#y"),
        ),
        demand=Demand(date(2026, 4, 1), date(2027, 3, 31), (NeedTotal("autism", 35),)),
        **known,
    )


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consortium]:
    homes = {**HOMES, "kent-node": [*HOMES["kent-node"], a_home("SC100009", provider="Élan Care")]}
    with consortium(tmp_path_factory.mktemp("oruk"), homes) as one:
        one.say("kent-node", said_by(KENT))
        one.say("leeds-node", wants(LEEDS))
        leeds = one.nodes["leeds-node"]
        providers = [
            Provider(name, "Private", Source("Ofsted", date(2026, 3, 31)))
            for name in ("Acorn Care Ltd", HOSTILE, *(f"Provider {n:03}" for n in range(90)))
        ]
        with writing(leeds.node_db) as connection:
            stage(connection, leeds, ((f"p/{p.name}"[:99], encode_record(p)) for p in providers))
        sequence(leeds)
        one.follow_all(one.reader, ["leeds-node"])
        yield one


@pytest.fixture(scope="module")
def app(world: Consortium) -> Flask:
    return create_app(world.reader)


@pytest.fixture(scope="module")
def anybody(app: Flask) -> Get:
    return lambda path: app.test_client().get(f"/oruk{path}")


@pytest.fixture(scope="module")
def member(app: Flask, world: Consortium) -> Get:
    who = operator("root")
    with writing(world.reader.node_db) as connection:
        known = register(
            connection, world.reader, who, authority=KENT, name="One", scopes=[Scope.HOMES_READ]
        )
    system = SystemClient(app, *known)
    return lambda path: system.get(f"/oruk{path}")


def pages_of(get: Get, path: str, size: int) -> Iterator[dict[str, Any]]:
    """Every page of a list, one after another."""
    sign = "&" if "?" in path else "?"
    for number in count(1):
        answer = get(f"{path}{sign}page={number}&per_page={size}")
        assert answer.status_code == 200, answer.text
        page = answer.get_json()
        assert {name: type(value) for name, value in page.items()} == PAGE
        assert page["page_number"] == number
        assert page["first_page"] is (number == 1)
        assert page["size"] == len(page["contents"]) <= size
        yield page
        if page["last_page"]:
            assert number == page["total_pages"]
            return


def everything(get: Get, path: str, size: int = 17) -> list[dict[str, Any]]:
    pages = list(pages_of(get, path, size))
    found = [one for page in pages for one in page["contents"]]
    assert {page["total_items"] for page in pages} == {len(found)}
    assert len({one["id"] for one in found}) == len(found)
    return found


@cache
def checker(name: str) -> Any:
    folder = SCHEMAS / name
    schema = json.loads(folder.read_text("utf-8"))
    base = folder.parent.as_uri() + "/"
    return jsonschema_rs.Draft202012Validator(
        schema, validate_formats=True, base_uri=base, retriever=_beside
    )


def _beside(uri: str) -> Any:
    return json.loads((SCHEMAS / uri.rpartition("/")[2]).read_text("utf-8"))


@official
@pytest.mark.parametrize("feed", ["anybody", "member"])
@pytest.mark.parametrize("path", ENDPOINTS)
def test_every_page_and_every_entry_is_of_the_official_schema(
    request: pytest.FixtureRequest, feed: str, path: str
) -> None:
    get: Get = request.getfixturevalue(feed)
    in_list, whole = (checker(name) for name in ENDPOINTS[path])
    found = everything(get, path)
    assert found
    for one in found:
        in_list.validate(one)
        if one.get("name", "").startswith("Provider 0"):
            continue  # each as the next
        answer = get(f"{path}/{one['id']}")
        assert answer.status_code == 200
        full = answer.get_json()
        whole.validate(full)
        assert full["id"] == one["id"]
        assert "null" not in answer.text


@official
def test_a_service_at_its_location_is_a_service_too(member: Get) -> None:
    """Which the published API names as the schema of this endpoint."""
    one = everything(member, "/service_at_locations")[0]
    checker("compiled/service.json").validate(
        member(f"/service_at_locations/{one['id']}").get_json()
    )


def test_the_official_schemas_are_asked_for_what_matters() -> None:
    """That a wrong entry is found wrong: nothing above is green by looking at nothing."""
    if SCHEMAS.is_dir():
        assert not checker("compiled/service.json").is_valid(
            {"id": "x", "name": "", "status": "on"}
        )
        good = {"id": identifier("x"), "name": "A", "status": "active"}
        assert checker("compiled/service_list.json").is_valid(good)
        assert not checker("compiled/service_list.json").is_valid({**good, "email": "no"})


@pytest.mark.parametrize("feed", ["anybody", "member"])
def test_a_feed_says_what_it_is(request: pytest.FixtureRequest, feed: str) -> None:
    answer = request.getfixturevalue(feed)("/")
    assert answer.get_json() == {
        "version": "HSDS-UK-3.0",
        "profile": "https://docs.openreferraluk.org/",
        "openapi_url": "https://openreferraluk.org/specifications/3.0/openapi.json",
    }


# --- What is in them ------------------------------------------------------------------------------


def named(services: list[dict[str, Any]], name: str) -> dict[str, Any]:
    (found,) = [one for one in services if one["name"] == name]
    return found


def test_the_open_feed_has_contacts_frameworks_and_providers(anybody: Get) -> None:
    services = everything(anybody, "/services")
    assert len(services) == 2 * 2 + 4 + 92
    contact = named(services, "Kent: referrals of children to homes")
    whole = anybody(f"/services/{contact['id']}").get_json()
    assert whole["organization"]["organization_identifiers"][0]["identifier"] == KENT
    assert whole["contacts"][0]["name"] == "Placements team"
    assert whole["contacts"][0]["phones"][0]["number"] == "01632 960200"
    assert whole["url"] == "https://www.council.example/position"
    assert whole["service_areas"][0]["uri"].endswith(KENT)
    assert whole["service_at_locations"][0]["location"]["location_type"] == "virtual"
    assert whole["assured_date"] == "2026-11-02"
    states = {one["name"]: one["status"] for one in services if one["name"].startswith("Kent")}
    assert states["Kent: Open now"] == "active"
    assert states["Kent: Closed"] == states["Kent: Later"] == "inactive"
    later = named(services, "Kent: Later")
    assert anybody(f"/services/{later['id']}").get_json()["schedules"][0]["valid_from"] == (
        "2026-11-21"
    )
    provider = named(services, "Acorn Care Ltd: children's homes")
    assert provider["organization"]["id"] == identifier("provider/Acorn Care Ltd")
    assert "service_at_locations" not in anybody(f"/services/{provider['id']}").get_json()


def test_the_open_feed_shows_no_home_and_no_place_of_one(
    anybody: Get, member: Get, world: Consortium
) -> None:
    services = everything(anybody, "/services")
    told = [one for one in services if not one["name"].startswith("Provider")]
    shown = json.dumps(
        [everything(anybody, path) for path in ENDPOINTS]
        + [anybody(f"/services/{one['id']}").get_json() for one in told]
    )
    for said in ("SC1000", "Rowan House", "Calm and kind", "Élan Care", "Good, ", "latitude"):
        assert said not in shown
    homes = {one["id"] for one in everything(member, "/services")} - {one["id"] for one in services}
    with reading(world.reader.replica) as connection:
        real = ~home.c.urn.startswith(SAMPLE)
        held = connection.scalar(select(func.count(home.c.urn.distinct())).where(real))
    assert len(homes) == held
    for one in homes:
        for path in ("/services", "/service_at_locations"):
            assert anybody(f"{path}/{one}").status_code == 404


def test_members_find_homes_no_closer_than_their_authority(member: Get) -> None:
    one = member(f"/services/{identifier('home/SC100001')}").get_json()
    assert one["name"] == "Rowan House"
    assert one["organization"]["name"] == "Acorn Care Ltd"
    assert (one["minimum_age"], one["maximum_age"]) == (10, 16)
    assert {each["taxonomy_term"]["term"] for each in one["attributes"]} == {
        *("home", "Children's home", "Good", "autism", "mental-health"),
    }
    for each in everything(member, "/service_at_locations"):
        location = each["location"]
        assert location["external_identifier"] in (KENT, LEEDS)
        assert not {"latitude", "longitude", "addresses"} & location.keys()
    (where,) = one["service_at_locations"]
    assert where["location"]["name"] == "Somewhere in Kent"


def test_what_is_unknown_or_contested_is_said(member: Get) -> None:
    bare = member(f"/services/{identifier('home/2654321')}").get_json()
    assert (bare["name"], bare["status"]) == (
        "Name not published, URN 2654321",
        "temporarily closed",
    )
    assert bare["description"] == "Not yet described by the provider"
    assert "minimum_age" not in bare
    assert "Ofsted has suspended" in bare["alert"]
    contested = member(f"/services/{identifier('home/SC100005')}").get_json()
    assert contested["alert"].startswith("Contested")
    assert [one["name"] for one in everything(member, "/services")].count(contested["name"]) == 1


def test_two_nodes_give_one_thing_one_identifier(world: Consortium, anybody: Get) -> None:
    leeds = world.nodes["leeds-node"]
    world.follow_all(leeds)
    other = create_app(leeds).test_client()
    assert everything(lambda path: other.get(f"/oruk{path}"), "/services") == everything(
        anybody, "/services"
    )


# --- Asking ---------------------------------------------------------------------------------------


def test_lists_are_narrowed_by_words_and_terms(anybody: Get, member: Get) -> None:
    def names(get: Get, path: str) -> set[str]:
        return {one["name"] for one in everything(get, path)}

    assert names(anybody, "/services?search=KENT%20notices") == {
        "Kent: notices of children placed in its area"
    }
    assert names(member, "/services?search=rowan") == {"Rowan House"}
    terms = {one["term"]: one["id"] for one in everything(anybody, "/taxonomy_terms")}
    lists = {one["name"]: one["id"] for one in everything(anybody, "/taxonomies")}
    assert names(anybody, f"/services?taxonomy_term_id={terms['open-list']}") == {"Kent: Closed"}
    assert names(anybody, f"/services?taxonomy_term_id={terms['autism']}") == set()
    assert names(member, f"/services?taxonomy_term_id={terms['autism']}") == {
        *("Rowan House", HOSTILE),
    }
    assert names(member, f"/services?taxonomy_id={lists['Needs']}") == {"Rowan House", HOSTILE}
    assert len(names(anybody, f"/services?taxonomy_id={lists['Sector']}")) == 92
    assert names(anybody, "/services?taxonomy_id=x") == set()
    assert names(anybody, f"/services?taxonomy_term_id={'0' * 5000}") == set()


def test_pages_of_every_size_hold_everything_once(member: Get) -> None:
    whole = [one["id"] for one in everything(member, "/services", LARGEST_PAGE)]
    for size in (7, len(whole) // 2, 99):
        assert [one["id"] for one in everything(member, "/services", size)] == whole
    first = member("/services?per_page=5000").get_json()
    assert first["size"] == LARGEST_PAGE
    assert member("/services?page=&per_page=").get_json()["size"] == 50
    beyond = member("/services?page=1000").get_json()
    assert (beyond["empty"], beyond["last_page"], beyond["contents"]) == (True, True, [])


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=x",
        "page=1e3",
        "page=99999999999999999999",
        "per_page=0",
        "per_page=%00",
        "page=1&page=2",
        "search=" + "x" * 201,
        "postcode=LS1%204AP",
        "proximity=5",
        "day=MO",
        "start_time=09:00",
        "minimum_age=12",
    ],
)
def test_what_cannot_be_asked_is_refused_by_name_and_never_repeated(
    anybody: Get, member: Get, query: str
) -> None:
    for get in (anybody, member):
        for path in ("/services", "/service_at_locations"):
            answer = get(f"{path}?{query}")
            assert answer.status_code == 422, answer.text
            assert answer.get_json()["errors"][0]["parameter"] == query.partition("=")[0]
            assert "LS1" not in answer.text


@pytest.mark.parametrize(
    "path",
    [
        "/services/x",
        "/services/%00",
        "/services/' OR 1=1 --",
        "/services/" + "0" * 5000,
        "/service_at_locations/x",
        "/taxonomies/x",
        "/taxonomy_terms/x",
        "/organizations",
        "/services/",
    ],
)
def test_what_there_is_not_is_said_as_a_problem(anybody: Get, member: Get, path: str) -> None:
    for get in (anybody, member):
        answer = get(path)
        assert answer.status_code == 404
        assert answer.content_type == "application/problem+json"


def test_odd_words_find_nothing_and_break_nothing(anybody: Get, member: Get) -> None:
    for words in ("%00", "%ED%A0%80", '"', "(", "*", "NEAR(", "%F0%9F%98%80", "a%20-b", "'"):
        for get in (anybody, member):
            assert get(f"/services?search={words}").status_code == 200


# --- To anybody -----------------------------------------------------------------------------------


def test_the_open_feed_is_for_any_web_page_cached_and_without_a_cookie(
    app: Flask, anybody: Get
) -> None:
    for path in ("/", *ENDPOINTS, "/services/x", "/services?page=x"):
        answer = anybody(path)
        assert answer.headers["Access-Control-Allow-Origin"] == "*", path
        assert "Set-Cookie" not in answer.headers
    answer = anybody("/services")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    known = {"If-None-Match": answer.headers["ETag"], "Host": "anywhere.example"}
    assert app.test_client().get("/oruk/services", headers=known).status_code == 304
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert app.test_client().open("/oruk/services", method=method).status_code == 405


def test_the_members_feed_asks_for_a_token(app: Flask, member: Get) -> None:
    client = app.test_client()
    for path in ("/", *ENDPOINTS, f"/services/{identifier('home/SC100001')}"):
        answer = client.get(f"/api/v1/oruk{path}")
        assert answer.status_code == 401
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert member("/services").headers["Cache-Control"] == "private, no-cache"
