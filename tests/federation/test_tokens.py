"""Who gets a token and what it opens: one assertion, one node, one member, minutes."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import select

from federation import reading, tables
from federation.keystore import KeyStore
from protocols.encoding import b64url
from protocols.keys import PrivateKey, Purpose
from tests.federation.worlds import KENT, LEEDS, World
from tests.protocols.factories import vectors
from tests.protocols.misspelt import misspelt

pytestmark = pytest.mark.both_databases(second_is_soak=True)

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
MEMBERS_ONLY = [("GET", "/log/payloads/000.p/1"), ("POST", f"/inbox/{LEEDS}"), ("POST", "/ping")]


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent, who asks Leeds for tokens; Devon, another member; Norfolk, suspended."""
    return _world(found)


@pytest.fixture(scope="module")
def same_world(found_once: Callable[..., World]) -> World:
    """The same for all who are refused in it: nothing of it changes."""
    return _world(found_once)


def _world(found: Callable[..., World]) -> World:
    world = found("kent", "leeds", "devon", "norfolk", suspended=["norfolk"])
    world.publish("leeds", b"{}")
    return world


def key_of(world: World, node: str = "kent", purpose: Purpose = Purpose.ACCESS) -> PrivateKey:
    return world[node].keys.node_key(purpose)


def claims_of(world: World, **changes: Any) -> dict[str, Any]:
    """What Kent claims when it asks Leeds for a token; None takes a claim out."""
    now = int(world.turn.now.timestamp())
    usual = {
        "iss": "kent",
        "sub": "kent",
        "aud": f"{world.sites['leeds'].url}/token",
        "iat": now,
        "exp": now + 120,
        "jti": "once",
    }
    return {name: value for name, value in (usual | changes).items() if value is not None}


def assertion(claims: dict[str, Any], key: PrivateKey, change: dict[str, Any] | None = None) -> str:
    """A JWT by hand, under any header."""
    header = {"alg": "Ed25519", "typ": "JWT", "kid": key.public.kid} | (change or {})
    start = ".".join(b64url(json.dumps(part).encode()) for part in (header, claims))
    return f"{start}.{b64url(key.sign(start.encode()))}"


def ask(world: World, claims: str, node: str = "leeds", **form: str) -> requests.Response:
    usual = {
        "grant_type": "client_credentials",
        "client_assertion_type": TYPE,
        "client_assertion": claims,
    }
    return requests.post(f"{world.sites[node].url}/token", data=usual | form, timeout=10)


def token(world: World, **changes: Any) -> str:
    answer = ask(world, assertion(claims_of(world, **changes), key_of(world)))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def refused(answer: requests.Response) -> None:
    assert answer.status_code in (400, 401), answer.text
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.json()["error"] in ("invalid_client", "invalid_request", "unsupported_grant_type")
    assert "access_token" not in answer.text


def opens(world: World, bearer: str | None, node: str = "leeds") -> bool:
    """Whether a token opens what is for members; all of it or nothing, and 403 who is suspended."""
    headers = {"Content-Type": "application/jose"}
    if bearer is not None:
        headers["Authorization"] = f"Bearer {bearer}"
    url = world.sites[node].url
    answers = [
        requests.request(method, url + path, headers=headers, data=b"", timeout=10)
        for method, path in MEMBERS_ONLY
    ]
    codes = {answer.status_code for answer in answers}
    assert codes in ({200}, {401}, {403})
    return codes == {200}


# --- Given --------------------------------------------------------------------------------------


def test_a_member_gets_a_token_that_opens_what_is_for_members(world: World) -> None:
    answer = ask(world, assertion(claims_of(world), key_of(world)))
    assert answer.status_code == 200
    given = answer.json()
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 600)
    assert "no-store" in answer.headers["Cache-Control"]
    assert "refresh_token" not in given
    assert opens(world, given["access_token"])


def test_a_token_itself_is_not_kept(world: World) -> None:
    given = token(world)
    with reading(world["leeds"].node_db) as connection:
        [row] = connection.execute(select(tables.token)).all()
    assert row.node == "kent"
    assert given.encode() not in row.digest
    files = [file.read_bytes() for file in world["leeds"].folder.glob("node.db*")]
    assert not any(given.encode() in file for file in files)


def test_a_token_ends_after_ten_minutes(world: World) -> None:
    given = token(world)
    world.turn.forward(seconds=599)
    assert opens(world, given)
    world.turn.forward(seconds=2)
    assert not opens(world, given)


def test_tokens_that_have_ended_are_forgotten(world: World) -> None:
    token(world)
    world.turn.forward(minutes=11)
    token(world, jti="again")
    with reading(world["leeds"].node_db) as connection:
        assert len(connection.execute(select(tables.token)).all()) == 1


# --- Not given ----------------------------------------------------------------------------------


def test_an_assertion_is_not_taken_twice(world: World) -> None:
    claims = assertion(claims_of(world), key_of(world))
    assert ask(world, claims).status_code == 200
    refused(ask(world, claims))


def test_an_assertion_is_not_taken_again_until_it_has_long_expired(world: World) -> None:
    now = int(world.turn.now.timestamp())
    claims = assertion(claims_of(world, exp=now + 300), key_of(world))
    assert ask(world, claims).status_code == 200
    for number in range(40):
        world.turn.forward(seconds=10)
        token(world, jti=f"{number}")
        refused(ask(world, claims))


def test_used_assertions_are_forgotten_once_they_could_not_be_used_again(world: World) -> None:
    for number in range(3):
        token(world, jti=f"{number}")
        world.turn.forward(minutes=7)
    token(world, jti="last")
    with reading(world["leeds"].node_db) as connection:
        assert connection.scalars(select(tables.assertion.c.jti)).all() == ["last"]


def test_two_members_may_use_the_same_number(world: World) -> None:
    token(world)
    claims = claims_of(world, iss="devon", sub="devon")
    assert ask(world, assertion(claims, key_of(world, "devon"))).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "http://127.0.0.1:1/token"},
        {"aud": ["http://127.0.0.1:1/token"]},
        {"aud": "http://127.0.0.1:1/token http://127.0.0.1:2/token"},
        {"aud": []},
        {"aud": None},
        {"aud": {"is": "nobody"}},
        {"iss": "devon"},
        {"iss": None},
        {"iss": 7},
        {"sub": "devon"},
        {"sub": "nobody"},
        {"sub": None},
        {"sub": 7},
        {"sub": ["kent"]},
        {"iss": "norfolk", "sub": "norfolk"},
        {"iss": "devon", "sub": "devon"},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "x" * 65},
        {"jti": "a b"},
        {"exp": None},
        {"exp": "soon"},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": 1e300},
        {"exp": 2**64},
        {"exp": 10**4000},
        {"exp": -1},
        {"exp": 0},
        {"iat": "now"},
        {"iat": None},
        {"nbf": 0},
        {"scope": "everything"},
    ],
    ids=lambda changes: str(changes)[:50],
)
def test_an_assertion_that_claims_anything_else_is_refused(
    same_world: World, changes: dict[str, Any]
) -> None:
    refused(ask(same_world, assertion(claims_of(same_world, **changes), key_of(same_world))))


@pytest.mark.parametrize(
    "life",
    [
        {"exp": timedelta(seconds=-61)},
        {"exp": timedelta(days=-1)},
        {"exp": timedelta(seconds=301)},
        {"exp": timedelta(days=365)},
        {"iat": timedelta(seconds=61)},
    ],
    ids=["expired", "long expired", "too long", "far too long", "not issued yet"],
)
def test_an_assertion_out_of_its_time_is_refused(
    same_world: World, life: dict[str, timedelta]
) -> None:
    at = {name: int((same_world.turn.now + span).timestamp()) for name, span in life.items()}
    refused(ask(same_world, assertion(claims_of(same_world, **at), key_of(same_world))))


@pytest.mark.parametrize(
    ("node", "purpose"),
    [
        ("kent", Purpose.LOG),
        ("kent", Purpose.WITNESS),
        ("devon", Purpose.ACCESS),
        ("leeds", Purpose.ACCESS),
        ("norfolk", Purpose.ACCESS),
    ],
)
def test_an_assertion_by_any_other_key_is_refused(
    same_world: World, node: str, purpose: Purpose
) -> None:
    refused(ask(same_world, assertion(claims_of(same_world), key_of(same_world, node, purpose))))


def test_an_assertion_by_the_authority_s_own_key_is_refused(same_world: World) -> None:
    signing = same_world["kent"].keys.authority_key(KENT, Purpose.SIGNING)
    refused(ask(same_world, assertion(claims_of(same_world), signing)))


def test_an_assertion_by_a_stranger_is_refused(world: World) -> None:
    stranger = KeyStore.create(world.folder / "stranger", []).node_key(Purpose.ACCESS)
    refused(ask(world, assertion(claims_of(world), stranger)))
    claims = claims_of(world, iss="stranger", sub="stranger")
    refused(ask(world, assertion(claims, stranger)))


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none"},
        {"alg": "None"},
        {"alg": "EdDSA"},
        {"alg": "HS256"},
        {"alg": "RS256"},
        {"alg": "ed25519"},
        {"alg": None},
        {"alg": ["Ed25519"]},
        {"typ": "commonhearth-message+jws"},
        {"typ": None},
        {"kid": None},
        {"kid": "another"},
        {"cty": "JWT"},
        {"crit": ["exp"]},
        {"b64": False, "crit": ["b64"]},
    ],
    ids=str,
)
def test_another_header_is_refused_though_the_key_is_right(
    same_world: World, header: dict[str, Any]
) -> None:
    refused(ask(same_world, assertion(claims_of(same_world), key_of(same_world), header)))


def test_an_assertion_for_this_and_another_node_is_refused(same_world: World) -> None:
    both = [f"{same_world.sites[name].url}/token" for name in ("leeds", "devon")]
    refused(ask(same_world, assertion(claims_of(same_world, aud=both), key_of(same_world))))


def test_no_signature_at_all_is_refused(same_world: World) -> None:
    for header in ({"alg": "none"}, {"alg": "Ed25519"}):
        signed = assertion(claims_of(same_world), key_of(same_world), header)
        refused(ask(same_world, signed.rpartition(".")[0] + "."))


def test_a_secret_made_of_the_public_key_is_refused(same_world: World) -> None:
    public = key_of(same_world).public
    for secret in (public.raw, b64url(public.raw).encode(), public.kid.encode()):
        signed = jwt.encode({"alg": "HS256"}, claims_of(same_world), OctKey.import_key(secret))
        refused(ask(same_world, signed))


@pytest.mark.parametrize("where", ["jwk", "jku", "x5u"])
def test_a_key_that_the_assertion_brings_itself_is_not_used(world: World, where: str) -> None:
    stranger = KeyStore.create(world.folder / "stranger", []).node_key(Purpose.ACCESS)
    brought: Any = stranger.public.jwk.as_dict(private=False)
    header = {where: brought if where == "jwk" else "https://elsewhere.example"}
    refused(ask(world, assertion(claims_of(world), stranger, header)))


@pytest.mark.parametrize(
    "garbage",
    ["", ".", "..", "a.b.c", "e30.e30.e30", "\x00", "x" * 15_000, "." * 15_000, "\N{SNOWMAN}"],
    ids=range(9),
)
def test_garbage_is_refused(same_world: World, garbage: str) -> None:
    refused(ask(same_world, garbage))


def test_no_other_spelling_of_an_assertion_is_read(same_world: World) -> None:
    good = assertion(claims_of(same_world), key_of(same_world))
    for _, wrong in misspelt(good):
        refused(ask(same_world, wrong))
    for source in ("rfc7520", "joserfc"):
        for case in vectors("jose_negatives")[source]:
            refused(ask(same_world, case["jose"]))


def test_deeply_nested_claims_are_refused(same_world: World) -> None:
    nested = b64url(b'{"sub":' + b"[" * 9000)
    refused(ask(same_world, f"{b64url(b'{}')}.{nested}.e30"))


@pytest.mark.parametrize(
    "form",
    [
        {"grant_type": "password", "username": "kent", "password": "kent"},
        {"grant_type": "authorization_code", "code": "x"},
        {"grant_type": "refresh_token", "refresh_token": "x"},
        {"grant_type": ""},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"},
    ],
    ids=str,
)
def test_another_grant_or_kind_of_assertion_is_refused(
    same_world: World, form: dict[str, str]
) -> None:
    refused(ask(same_world, assertion(claims_of(same_world), key_of(same_world)), **form))


def test_a_name_and_password_are_no_way_in(world: World) -> None:
    for form in ({"client_id": "kent"}, {"client_id": "kent", "client_secret": ""}):
        answer = requests.post(
            f"{world.sites['leeds'].url}/token",
            data={"grant_type": "client_credentials"} | form,
            timeout=10,
        )
        refused(answer)
    refused(
        requests.post(
            f"{world.sites['leeds'].url}/token",
            data={"grant_type": "client_credentials"},
            auth=("kent", ""),
            timeout=10,
        )
    )


def test_a_form_that_is_too_long_is_not_read(world: World) -> None:
    answer = ask(world, "x" * 100_000)
    assert answer.status_code == 413


# --- What a token opens -------------------------------------------------------------------------


@pytest.mark.parametrize("bearer", [None, "", "invented", "x" * 5000, "\x00"])
def test_without_a_token_of_this_node_nothing_for_members_opens(
    world: World, bearer: str | None
) -> None:
    if bearer == "\x00":
        bearer = "%00"
    assert not opens(world, bearer)


def test_a_token_of_another_node_opens_nothing(world: World) -> None:
    claims = claims_of(world, aud=f"{world.sites['devon'].url}/token")
    given = ask(world, assertion(claims, key_of(world)), "devon").json()["access_token"]
    with reading(world["devon"].node_db) as connection:
        assert len(connection.execute(select(tables.token)).all()) == 1
    assert not opens(world, given)


@pytest.mark.parametrize("scheme", ["Basic", "Token", "MAC", "Bearer Bearer"])
def test_a_token_under_another_scheme_opens_nothing(world: World, scheme: str) -> None:
    answer = requests.post(
        f"{world.sites['leeds'].url}/ping",
        headers={"Authorization": f"{scheme} {token(world)}"},
        timeout=10,
    )
    assert answer.status_code == 401


def test_a_token_in_the_address_opens_nothing(world: World) -> None:
    url = f"{world.sites['leeds'].url}/ping?access_token={token(world)}"
    assert requests.post(url, timeout=10).status_code == 401


def test_a_member_that_is_suspended_gets_no_token(world: World) -> None:
    claims = claims_of(world, iss="norfolk", sub="norfolk")
    answer = ask(world, assertion(claims, key_of(world, "norfolk")))
    refused(answer)
    said = "norfolk is suspended by version 1 of the charter"
    assert answer.json()["error_description"] == said


def test_who_only_says_to_be_a_suspended_member_is_not_told_that_it_is(world: World) -> None:
    claims = claims_of(world, iss="norfolk", sub="norfolk")
    answer = ask(world, assertion(claims, key_of(world, "kent")))
    refused(answer)
    assert "suspended" not in answer.text


def test_a_token_given_before_a_suspension_opens_nothing_after_it(world: World) -> None:
    given = token(world)
    with reading(world["leeds"].node_db) as connection:
        assert connection.scalar(select(tables.token.c.node)) == "kent"
    with world["leeds"].node_db.begin() as connection:
        connection.execute(tables.token.update().values(node="norfolk"))
    assert not opens(world, given)


def test_who_asks_for_payloads_with_a_spent_token_gets_a_new_one(world: World) -> None:
    peer = world.peer("kent", "leeds")
    peer.ping()
    spent = peer._token
    world.turn.forward(minutes=4)
    peer.ping()
    assert peer._token == spent
    world.turn.forward(minutes=2)
    peer.ping()
    assert peer._token != spent
