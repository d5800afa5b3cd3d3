"""Who gets a token, for what, for how long; and what a token does not open."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import operator
from directory.security.rights.roles import Scope
from directory.security.systems.errors import NoSuchSystem
from directory.security.systems.models import system as table
from directory.security.systems.models import system_token
from directory.security.systems.service import TOKEN_LIFE, principal_of, register, revoke
from federation import reading, writing
from tests.api.systems import API, TOKEN, SystemClient
from tests.directory.worlds import KENT, LEEDS, Consortium

pytestmark = pytest.mark.both_databases(second_is_soak=True)

Registered = Callable[..., tuple[str, str]]


def test_a_token_has_the_scopes_of_its_system(app: Flask, registered: Registered) -> None:
    client = SystemClient(app, *registered(Scope.HOMES_READ, Scope.NOTICES_SEND))
    answer = client.ask_token()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    given = answer.get_json()
    assert given["scope"] == "homes:read notices:send"
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 600)
    assert client.ask_token(scope="homes:read").get_json()["scope"] == "homes:read"


def test_no_token_has_more_scopes_than_its_system(app: Flask, registered: Registered) -> None:
    client = SystemClient(app, *registered(Scope.HOMES_READ))
    answer = client.ask_token(scope="homes:read notices:read")
    assert (answer.status_code, answer.get_json()["error"]) == (400, "invalid_scope")


def test_a_wrong_secret_and_an_unknown_id_are_told_apart_by_nothing(
    app: Flask, registered: Registered
) -> None:
    client, secret = registered()
    answers = [
        SystemClient(app, client, "wrong").ask_token(),
        SystemClient(app, "0" * 32, secret).ask_token(),
        SystemClient(app, "é\0", "\0").ask_token(),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.data for answer in answers}) == 1
    assert answers[0].get_json()["error"] == "invalid_client"


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic /////w==", "Bearer x", "\xff"])
def test_a_damaged_header_is_no_secret(app: Flask, header: str) -> None:
    answer = app.test_client().post(
        TOKEN, data={"grant_type": "client_credentials"}, headers={"Authorization": header}
    )
    assert answer.status_code == 401


def test_a_secret_in_the_address_or_the_form_is_not_read(
    app: Flask, registered: Registered
) -> None:
    client, secret = registered()
    form = {"grant_type": "client_credentials", "client_id": client, "client_secret": secret}
    assert app.test_client().post(TOKEN, data=form).status_code == 401
    assert app.test_client().post(TOKEN, query_string=form).status_code == 400


def test_neither_secrets_nor_tokens_are_kept(
    app: Flask, registered: Registered, world: Consortium
) -> None:
    client, secret = registered()
    token = SystemClient(app, client, secret).ask_token().get_json()["access_token"]
    with reading(world.reader.node_db) as connection:
        kept = [*connection.execute(select(table)), *connection.execute(select(system_token))]
    assert secret not in str(kept)
    assert token not in str(kept)


def test_a_token_lives_ten_minutes(app: Flask, registered: Registered, world: Consortium) -> None:
    token = SystemClient(app, *registered()).ask_token().get_json()["access_token"]
    now = world.reader.now()
    with reading(world.reader.node_db) as connection:
        assert principal_of(connection, token, now + TOKEN_LIFE - timedelta(seconds=1))
        assert principal_of(connection, token, now + TOKEN_LIFE) is None


def test_revoking_a_system_ends_its_tokens_at_once(
    app: Flask, registered: Registered, world: Consortium
) -> None:
    client = SystemClient(app, *registered())
    assert client.get("/homes").status_code == 200
    node, who = world.reader, operator("root")
    with writing(node.node_db) as connection:
        with pytest.raises(NoSuchSystem):
            revoke(connection, node, who, authority=LEEDS, client=client.client)
        revoke(connection, node, who, authority=KENT, client=client.client)
    assert client.get("/homes").status_code == 401
    assert client.ask_token().status_code == 401


def test_a_system_registers_no_other(app: Flask, registered: Registered, world: Consortium) -> None:
    token = SystemClient(app, *registered()).ask_token().get_json()["access_token"]
    with writing(world.reader.node_db) as connection:
        who = principal_of(connection, token, world.reader.now())
        assert who
        with pytest.raises(NotAllowed):
            register(
                connection,
                world.reader,
                who,
                authority=KENT,
                name="Another",
                scopes=tuple(Scope),
            )


def test_only_a_token_says_who_asks(app: Flask, system: SystemClient) -> None:
    visitor = app.test_client()
    visitor.set_cookie("token", system.bearer.removeprefix("Bearer "))
    for headers in ({}, {"Authorization": "Bearer"}, {"Authorization": "Bearer wrong"}):
        answer = visitor.get(f"{API}/homes", headers=headers)
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    basic = visitor.get(f"{API}/homes", auth=(system.client, system.secret))
    assert basic.status_code == 401


def test_a_scope_opens_nothing_else(app: Flask, registered: Registered) -> None:
    client = SystemClient(app, *registered(Scope.NOTICES_SEND))
    answer = client.get("/homes")
    assert answer.status_code == 403
    assert answer.get_json()["type"] == "urn:commonhearth:problem:forbidden"


def test_who_tries_secrets_on_and_on_has_to_wait_and_a_right_one_never_does(
    app: Flask, registered: Registered
) -> None:
    client = SystemClient(app, *registered())
    away = {"REMOTE_ADDR": "203.0.113.9"}
    tried = [
        app.test_client().post(
            TOKEN,
            data={"grant_type": "client_credentials"},
            auth=(client.client, "wrong"),
            environ_overrides=away,
        )
        for _ in range(25)
    ]
    assert {one.status_code for one in tried[:15]} == {401}
    assert tried[-1].status_code == 429
    assert int(tried[-1].headers["Retry-After"]) > 0
    assert tried[-1].get_json()["type"] == "urn:commonhearth:problem:too-many-requests"
    right = app.test_client().post(
        TOKEN,
        data={"grant_type": "client_credentials"},
        auth=(client.client, client.secret),
        environ_overrides=away,
    )
    assert right.status_code == 200
