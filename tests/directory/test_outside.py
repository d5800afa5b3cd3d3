"""Signing in through an authority's own OpenID provider: with a real one, and with hostile ones."""

import hmac
import json
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask, jsonify, request
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import select
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.demo.consortium import free_ports
from directory.security.people.models import person, role_grant
from directory.security.people.oidc_settings import FILE, UnusableProviders, read_providers
from directory.security.rights.roles import Role
from federation import (
    Node,
    reading,
)
from protocols.encoding import b64url
from tests.directory.people import make_person
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, MEDWAY, two_served

CLIENT = "commonhearth"


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A real provider, in a process of its own."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "-n", "true"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + 60
    while True:
        try:
            requests.get(f"{url}/.well-known/openid-configuration", timeout=5).raise_for_status()
            break
        except requests.RequestException:
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.05)
    yield url
    process.terminate()
    process.wait(30)


class Liar:
    """A provider that signs whatever it is told to, and hands it out for any code."""

    def __init__(self) -> None:
        self.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self.told: dict[str, object] = {}
        self.algorithm: str = "RS256"
        self.nonce = ""
        self.issuer = ""
        self.app = Flask("liar")
        self.app.get("/.well-known/openid-configuration")(self._describe)
        self.app.get("/jwks")(lambda: jsonify(keys=[self.key.as_dict(private=False)]))
        self.app.post("/token")(self._token)

    def _describe(self):  # type: ignore[no-untyped-def]
        return jsonify(
            issuer=self.issuer,
            authorization_endpoint=f"{self.issuer}/authorize",
            token_endpoint=f"{self.issuer}/token",
            jwks_uri=f"{self.issuer}/jwks",
            id_token_signing_alg_values_supported=["none", "HS256", "RS256"],
        )

    def _token(self):  # type: ignore[no-untyped-def]
        assert request.form["code_verifier"]
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "email": f"kim.{self.issuer[-5:]}@kent.example",
            "email_verified": True,
            "name": "Kim Lee",
            "roles": ["Duty"],
        }
        claims |= self.told
        header = {"alg": self.algorithm, "kid": "1"}
        if self.algorithm == "RS256":
            token = jwt.encode(header, claims, self.key)
        else:
            token = forged(header, claims, self.key)
        return jsonify(access_token="x", token_type="Bearer", id_token=token)


def forged(header: dict[str, str], claims: dict[str, object], key: RSAKey) -> str:
    """A token without a signature, or one made with the public key as if it were a secret."""
    parts = [b64url(json.dumps(part).encode()) for part in (header, claims)]
    signed = ".".join(parts)
    mac = hmac.digest(key.as_pem(private=False), signed.encode(), "sha256")
    return f"{signed}.{b64url(mac) if header['alg'] == 'HS256' else ''}"


@pytest.fixture
def liar() -> Iterator[Liar]:
    one = Liar()
    server = make_server("127.0.0.1", 0, one.app, threaded=True)
    one.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield one
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with two_served(tmp_path_factory.mktemp("node"), lambda: datetime.now(UTC)) as node:
        yield node


@pytest.fixture
def trusting(node: Node, tmp_path: Path) -> Callable[..., Flask]:
    """The application, where Kent trusts an issuer."""

    def one(issuer: str, more: str = "") -> Flask:
        secret = tmp_path / "secret"
        secret.write_text("a secret of Kent's")
        (node.folder / FILE).write_text(
            f'[{KENT}]\nissuer = "{issuer}"\nclient_id = "{CLIENT}"\nsecret_file = "{secret}"\n'
            f'{more}\n[{KENT}.roles]\n"Duty" = "duty officer"\n"Placements" = "commissioner"\n'
        )
        return create_app(node)

    return one


def go(browser: FlaskClient, issuer: str, subject: str, **claims: object) -> TestResponse:
    """Through the real provider and back, as somebody of whom it says this."""
    said = {"email": f"{subject}@kent.example", "name": subject.capitalize(), **claims}
    requests.put(f"{issuer}/users/{subject}", json=said, timeout=20).raise_for_status()
    there = browser.get(f"/sign-in/with/{KENT}?next=/account").location
    answer = requests.post(there, {"sub": subject}, allow_redirects=False, timeout=20)
    back = urlsplit(answer.headers["Location"])
    assert back.path == "/sign-in/back"
    return browser.get(f"{back.path}?{back.query}")


def lie(browser: FlaskClient, liar: Liar, **told: object) -> TestResponse:
    """Through a hostile provider and back."""
    asked = parse_qs(urlsplit(browser.get(f"/sign-in/with/{KENT}").location).query)
    liar.nonce, liar.told = asked["nonce"][0], told
    assert asked["code_challenge_method"] == ["S256"]
    return browser.get(f"/sign-in/back?code=c&state={asked['state'][0]}")


def roles_of(node: Node, email: str) -> set[tuple[str, str]]:
    with reading(node.node_db) as connection:
        rows = connection.execute(
            select(role_grant.c.role, role_grant.c.authority)
            .join(person, person.c.id == role_grant.c.person)
            .where(person.c.email == email)
        )
        return {(row.role, row.authority) for row in rows}


def email_of(node: Node, who: str) -> str:
    with reading(node.node_db) as connection:
        return str(connection.scalar(select(person.c.email).where(person.c.id == who)))


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


# --- With a real provider -------------------------------------------------------------------------


def test_staff_come_with_their_authority_s_account_and_get_the_roles_of_their_claims(
    node: Node, trusting: Callable[..., Flask], issuer: str
) -> None:
    browser = trusting(issuer).test_client()
    assert "Sign in as staff of Kent" in words_of(browser.get("/sign-in"))
    answer = go(browser, issuer, "ann", roles=["Duty", "Football"])
    assert answer.location == "/account"
    assert is_in(browser)
    assert roles_of(node, "ann@kent.example") == {("duty officer", KENT)}


def test_who_loses_the_claim_loses_the_role_at_the_next_sign_in(
    node: Node, trusting: Callable[..., Flask], issuer: str
) -> None:
    app = trusting(issuer)
    first, second, third = (app.test_client() for _ in range(3))
    go(first, issuer, "bob", roles=["Duty", "Placements"])
    go(second, issuer, "bob", roles=["Placements"])
    assert roles_of(node, "bob@kent.example") == {("commissioner", KENT)}
    assert (is_in(first), is_in(second)) == (False, True)
    assert "gives you no role here" in words_of(go(third, issuer, "bob", roles=[]))
    assert roles_of(node, "bob@kent.example") == set()
    assert not is_in(second), "and is out wherever they were in"


def test_who_has_no_role_gets_no_account(
    node: Node, trusting: Callable[..., Flask], issuer: str
) -> None:
    browser = trusting(issuer).test_client()
    answer = go(browser, issuer, "cat", roles=["Football"])
    assert (answer.status_code, "gives you no role" in words_of(answer)) == (400, True)
    with reading(node.node_db) as connection:
        made = select(person.c.id).where(person.c.email == "cat@kent.example")
        assert connection.scalar(made) is None


def test_a_second_factor_is_wanted_where_the_authority_says_so(
    trusting: Callable[..., Flask], issuer: str
) -> None:
    browser = trusting(issuer, 'amr = ["mfa"]').test_client()
    answer = go(browser, issuer, "dan", roles=["Duty"], amr=["pwd"])
    assert "did not ask for a second factor" in words_of(answer)
    assert go(browser, issuer, "dan", roles=["Duty"], amr=["pwd", "mfa"]).location == "/account"


@pytest.mark.parametrize("held", [(Role.COMMISSIONER, MEDWAY), (Role.NODE_ADMINISTRATOR, None)])
def test_email_of_somebody_else_s_authority(
    node: Node,
    trusting: Callable[..., Flask],
    issuer: str,
    held: tuple[Role, str | None],
) -> None:
    """Kent's provider claims the address of somebody of Medway, or of the node's administrator."""
    email = email_of(node, make_person(node, held))
    browser = trusting(issuer).test_client()
    answer = go(browser, issuer, f"x{secrets.token_hex(4)}", roles=["Duty"], email=email)
    assert "is not your authority’s alone" in words_of(answer)
    assert not is_in(browser)
    assert roles_of(node, email) == {(held[0].value, held[1] or "")}


def test_an_email_that_is_not_verified_is_nobody_s(
    trusting: Callable[..., Flask], issuer: str
) -> None:
    browser = trusting(issuer).test_client()
    answer = go(browser, issuer, "eve", roles=["Duty"], email_verified=False)
    assert "no email address of yours that it has verified" in words_of(answer)


def test_state_missing_or_another_browser_s(trusting: Callable[..., Flask], issuer: str) -> None:
    app = trusting(issuer)
    attacker, victim = app.test_client(), app.test_client()
    there = attacker.get(f"/sign-in/with/{KENT}").location
    answer = requests.post(there, {"sub": "mallory"}, allow_redirects=False, timeout=20)
    back = urlsplit(answer.headers["Location"])
    for query in ("code=x", f"code=x&state={'s' * 64}", back.query):
        answer = victim.get(f"/sign-in/back?{query}")
        assert "not begun in this browser" in words_of(answer)
        assert not is_in(victim)


# --- With hostile ones ----------------------------------------------------------------------------


def test_the_liar_is_believed_when_all_is_as_it_should_be(
    trusting: Callable[..., Flask], liar: Liar
) -> None:
    browser = trusting(liar.issuer).test_client()
    assert lie(browser, liar).location == "/"
    assert is_in(browser)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"iss": "https://login.medway.example"}, id="wrong issuer"),
        pytest.param({"aud": "another client"}, id="wrong audience"),
        pytest.param({"aud": "another client", "azp": CLIENT}, id="wrong audience, our azp"),
        pytest.param({"aud": [CLIENT, "another"], "azp": "another"}, id="for another client"),
        pytest.param({"nonce": "seen before"}, id="nonce replay"),
        pytest.param({"nonce": None}, id="nonce missing"),
        pytest.param({"exp": int(time.time()) - 600}, id="expired"),
        pytest.param({"sub": None}, id="nobody"),
    ],
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    trusting: Callable[..., Flask], liar: Liar, told: dict[str, object]
) -> None:
    browser = trusting(liar.issuer).test_client()
    answer = lie(browser, liar, **told)
    assert "did not answer as it should" in words_of(answer)
    assert not is_in(browser)


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_alg_none_and_the_public_key_as_a_secret(
    trusting: Callable[..., Flask], liar: Liar, algorithm: str
) -> None:
    liar.algorithm = algorithm
    browser = trusting(liar.issuer).test_client()
    assert "did not answer as it should" in words_of(lie(browser, liar))
    assert not is_in(browser)


def test_a_token_by_another_key_is_refused(trusting: Callable[..., Flask], liar: Liar) -> None:
    browser = trusting(liar.issuer).test_client()
    real = liar.key
    liar.app.view_functions["<lambda>"] = lambda: jsonify(keys=[real.as_dict(private=False)])
    liar.key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
    assert "did not answer as it should" in words_of(lie(browser, liar))


def test_an_answer_is_used_once(trusting: Callable[..., Flask], liar: Liar) -> None:
    browser = trusting(liar.issuer).test_client()
    there = browser.get(f"/sign-in/with/{KENT}").location
    asked = parse_qs(urlsplit(there).query)
    liar.nonce = asked["nonce"][0]
    back = f"/sign-in/back?code=c&state={asked['state'][0]}"
    assert browser.get(back).status_code == 302
    assert "was finished before" in words_of(browser.get(back))


def test_a_provider_that_calls_itself_otherwise_is_not_asked(
    trusting: Callable[..., Flask], liar: Liar
) -> None:
    browser = trusting(liar.issuer).test_client()
    liar.issuer = "http://127.0.0.1:1"
    assert "did not answer as it should" in words_of(browser.get(f"/sign-in/with/{KENT}"))


# --- Settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[", "cannot be read"),
        ("[E10000016]\nissuer = 1", "cannot be read"),
        ("[E08000035]\nISSUER", "does not serve E08000035"),
        ('[E10000016]\nISSUER\nrole_claim = "x"\nmistake = 1', "cannot be read"),
        ('[E10000016]\nISSUER\n[E10000016.roles]\nx = "node administrator"', "claims give roles"),
        ("[E10000016]\nPLAIN", "no https address"),
        ("[E10000016]\nNOFILE", "there is no file"),
    ],
)
def test_settings_that_cannot_be_used_say_why(tmp_path: Path, text: str, why: str) -> None:
    fields = f'client_id = "x"\nroles = {{}}\nsecret_file = "{__file__}"'
    if "[E10000016.roles]" in text:
        fields = fields.replace("roles = {}\n", "")
    for sign, issuer in (("ISSUER", "https://x.example"), ("PLAIN", "http://x.example")):
        text = text.replace(sign, f'issuer = "{issuer}"\n{fields}')
    nowhere = fields.replace(__file__, "/nowhere")
    text = text.replace("NOFILE", f'issuer = "https://x.example"\n{nowhere}')
    (tmp_path / FILE).write_text(text)
    with pytest.raises(UnusableProviders, match=why):
        read_providers(tmp_path, frozenset({KENT}))
