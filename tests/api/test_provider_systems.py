"""A provider's own system: its homes, their vacancies, its due diligence; nothing of others'."""

import secrets
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete
from werkzeug.test import TestResponse

from directory.providers.vouching.models import provider_home
from directory.security.rights.principal import operator
from directory.security.rights.roles import Scope
from directory.security.systems.errors import NotBoth
from directory.security.systems.service import register, revoke
from federation import OwnLog, follow, sequence, writing
from tests.api.conftest import ACORN
from tests.api.systems import SystemClient
from tests.directory.worlds import KENT, NOW, Consortium

pytestmark = pytest.mark.both_databases
HOME, ALONE = "SC100001", "SC100005"
TODAY = "2026-11-20"


@pytest.fixture
def provider(
    app: Flask, world: Consortium, registered: Callable[..., tuple[str, str]]
) -> Iterator[SystemClient]:
    """A system of Acorn's, which runs one home; it has claimed another."""
    with writing(world.reader.node_db) as connection:
        for urn, state in ((HOME, "confirmed"), (ALONE, "asked")):
            connection.execute(
                provider_home.insert().values(
                    id=secrets.token_hex(16),
                    through=KENT,
                    provider=ACORN,
                    urn=urn,
                    authority=KENT,
                    state=state,
                    asked_by="Sam",
                    asked_at=NOW,
                )
            )
    yield SystemClient(app, *registered(Scope.PROVIDER_WORK))
    with writing(world.reader.node_db) as connection:
        connection.execute(delete(provider_home))


def post(system: SystemClient, path: str, body: object, key: str = "") -> TestResponse:
    headers = {"Idempotency-Key": key or secrets.token_hex(16)}
    return system.post(path, json=body, headers=headers)


def say(system: SystemClient, *homes: dict[str, Any], key: str = "") -> TestResponse:
    return post(system, "/provider/vacancies", {"homes": list(homes)}, key)


def test_vacancies_are_said_in_one_call_and_seen_by_an_authority_s_system(
    provider: SystemClient, system: SystemClient
) -> None:
    row = {"urn": HOME, "beds": 2, "youngest": 10, "oldest": 14, "emergency": True}
    key = secrets.token_hex(16)
    assert [say(provider, row, key=key).get_json() for _ in range(2)] == [{"homes": 1}] * 2
    said = {"urn": HOME, "beds": 2, "said_on": TODAY, "youngest": 10, "oldest": 14}
    said["emergency"] = True
    homes = {one["urn"]: one for one in provider.get("/provider/homes").get_json()["homes"]}
    assert homes[HOME] == {
        "urn": HOME,
        "authority": KENT,
        "state": "confirmed",
        "places": 4,
        "ask": False,
        "vacancy": said,
    }
    assert homes[ALONE]["state"] == "asked"
    seen = system.get("/vacancies")
    assert seen.get_json()["vacancies"] == [{"vacancy": said, "stale": False}]
    assert seen.headers["Cache-Control"] == "no-store"
    assert say(provider, {"urn": HOME, "beds": None}).status_code == 201
    assert system.get("/vacancies").get_json()["vacancies"] == []


def test_what_cannot_be_is_named_and_nothing_is_said(provider: SystemClient) -> None:
    answer = say(
        provider,
        {"urn": HOME, "beds": 5},
        {"urn": HOME, "beds": 1, "youngest": 14, "oldest": 10},
        {"urn": ALONE, "beds": 1},
        {"urn": "SC100007", "beds": 1},
    )
    assert answer.status_code == 422
    errors = {one["pointer"]: one["detail"] for one in answer.get_json()["errors"]}
    assert errors["#/homes/0/beds"] == "The home is registered for 4 children, not more"
    assert errors["#/homes/1/oldest"] == "The oldest age must not be below the youngest"
    assert set(errors) >= {"#/homes/2/urn", "#/homes/3/urn"}
    assert provider.get("/provider/homes").get_json()["homes"][0]["vacancy"] is None


def test_a_providers_system_sees_no_other_s(provider: SystemClient) -> None:
    for path in ("/vacancies", "/homes", "/due-diligence", f"/authorities/{KENT}/shortlists"):
        assert provider.get(path).status_code == 403


def test_no_system_is_an_authority_s_and_a_provider_s(
    world: Consortium, app: Flask, registered: Callable[..., tuple[str, str]]
) -> None:
    node, root = world.reader, operator("root")
    wrong: list[tuple[list[Scope], str | None]] = [
        ([Scope.PROVIDER_WORK], None),
        ([Scope.HOMES_READ], ACORN),
        ([Scope.PROVIDER_WORK, Scope.VACANCIES_READ], ACORN),
    ]
    for scopes, provider in wrong:
        with pytest.raises(NotBoth), writing(node.node_db) as connection:
            register(
                connection, node, root, authority=KENT, name="x", scopes=scopes, provider=provider
            )
    client = SystemClient(app, *registered(Scope.PROVIDER_WORK))
    assert client.get("/provider/homes").status_code == 200
    with writing(node.node_db) as connection:
        revoke(connection, node, root, authority=KENT, client=client.client)
    assert client.get("/provider/homes").status_code == 401


def test_an_item_is_given_checked_and_relied_on(
    provider: SystemClient, system: SystemClient, world: Consortium
) -> None:
    item = {
        "kind": "accreditation",
        "issuer": "Hartwell Standards",
        "valid_until": "2027-01-31",
        "urn": HOME,
    }
    number = post(provider, "/provider/due-diligence", item).get_json()["item"]
    path = f"/authorities/{KENT}/due-diligence"
    waits = next(one for one in system.get(path).get_json()["items"] if one["id"] == number)
    assert (waits["state"], waits["provider"], waits["urn"]) == ("waiting", ACORN, HOME)
    found = {"item": number, "outcome": "in-order", "seen": waits["seen"]}
    stale = post(system, f"{path}/checks", {**found, "seen": "0" * 32})
    assert stale.status_code == 409
    wrong = post(system, f"{path}/checks", {**found, "outcome": "not-in-order"})
    assert wrong.get_json()["type"].endswith("reason-wanted")
    assert post(system, f"{path}/checks", found).status_code == 201
    sequence(world.reader)
    follow(world.reader, world.reader.member, OwnLog(world.reader.node_db))
    seen = system.get(f"/due-diligence?urn={HOME}&authority={KENT}").get_json()
    (record,) = (c["record"] for c in seen["checks"] if c["record"]["item"] == number)
    assert record["outcome"] == "in-order"
    assert date.fromisoformat(record["checked_on"]) == NOW.date()
    mine = provider.get("/provider/due-diligence").get_json()["items"]
    assert [one["state"] for one in mine if one["id"] == number] == ["in-order"]
    foreign = post(provider, "/provider/due-diligence", {**item, "urn": "SC100007"})
    assert foreign.status_code == 422
