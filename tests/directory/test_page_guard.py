"""Pages answer where they should and nowhere else, let nothing in from elsewhere, and fail with a
page.
"""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from directory.app import create_app
from directory.web.headers import HEADERS
from tests.directory.visiting import HOSTILE, words_of

# --- What a browser is told -----------------------------------------------------------------------

EVERYWHERE = [
    "/",
    "/homes",
    "/homes?min_places=x",
    "/homes/SC100001",
    "/homes/SC999999",
    "/nowhere",
    "/static/commonhearth.css",
    "/sign-in",
    "/log/checkpoint",
    "/log/tile/9/none",
]


@pytest.mark.parametrize("address", EVERYWHERE)
def test_every_answer_has_the_security_headers(visitor: FlaskClient, address: str) -> None:
    with visitor.get(address) as answer:
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
        assert "Strict-Transport-Security" not in answer.headers, "this is plain http"


@pytest.mark.parametrize("address", ["/homes", "/nowhere", "/log/checkpoint", "/links/xyz"])
def test_who_is_shown_no_form_gets_no_cookie(app: Flask, address: str) -> None:
    assert "Set-Cookie" not in app.test_client().get(address).headers


def test_the_policy_lets_nothing_in_from_elsewhere(visitor: FlaskClient) -> None:
    policy = visitor.get("/homes").headers["Content-Security-Policy"]
    assert dict(rule.split(" ", 1) for rule in policy.split("; ")) == {
        "default-src": "'none'",
        "style-src": "'self'",
        "script-src": "'self'",
        "img-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize("address", ["/homes", "/homes/SC100001", "/nowhere", "/sign-in"])
def test_pages_are_not_kept_by_caches(visitor: FlaskClient, address: str) -> None:
    assert visitor.get(address).headers["Cache-Control"] == "no-store"


def test_pages_have_no_script_style_or_picture_in_them(visitor: FlaskClient) -> None:
    for address in ("/homes", "/homes/SC100001", "/homes/SC100005", "/homes?words=zzz"):
        page = visitor.get(address).text
        assert re.findall(r"<script[^>]*>", page) == [
            '<script type="module" src="/static/init.js">'
        ]
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=\"|<img|javascript:", page)


# --- Who may reach them ---------------------------------------------------------------------------

STRANGERS = [
    pytest.param({"REMOTE_ADDR": "192.0.2.7"}, "another machine", id="another machine"),
    pytest.param({"REMOTE_ADDR": "::ffff:192.0.2.7"}, "another machine", id="mapped address"),
    pytest.param({"REMOTE_ADDR": ""}, "another machine", id="no address"),
    pytest.param({"HTTP_HOST": "rebound.example"}, "names another", id="foreign name"),
    pytest.param({"HTTP_HOST": "localhost.rebound.example:8400"}, "names another", id="look-alike"),
    pytest.param({"HTTP_HOST": "127.0.0.1, rebound.example"}, "names another", id="two names"),
    pytest.param({"HTTP_HOST": "localhost\n"}, "names another", id="line break"),
    pytest.param({"HTTP_HOST": ""}, "names another", id="no name"),
    pytest.param({"HTTP_FORWARDED": "for=192.0.2.7"}, "by a proxy", id="Forwarded"),
    pytest.param({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, "by a proxy", id="X-Forwarded-For"),
    pytest.param({"HTTP_X_FORWARDED_HOST": "localhost"}, "by a proxy", id="X-Forwarded-Host"),
    pytest.param({"HTTP_X_FORWARDED_PROTO": ""}, "by a proxy", id="empty X-Forwarded-Proto"),
    pytest.param({"HTTP_X_REAL_IP": "127.0.0.1"}, "by a proxy", id="X-Real-IP"),
    pytest.param({"HTTP_VIA": "1.1 proxy"}, "by a proxy", id="Via"),
    pytest.param({"SERVER_PROTOCOL": "HTTP/1.0"}, "by a proxy", id="HTTP/1.0"),
    pytest.param({"SERVER_PROTOCOL": "HTTP/1"}, "by a proxy", id="HTTP/1.0 as granian writes it"),
]


@pytest.mark.parametrize(("environ", "why"), STRANGERS)
@pytest.mark.parametrize("address", ["/", "/homes", "/homes/SC100001", "/homes/SC999999"])
def test_pages_answer_only_to_this_machine_and_say_why(
    visitor: FlaskClient, environ: dict[str, str], why: str, address: str
) -> None:
    answer = visitor.get(address, environ_overrides=environ)
    assert answer.status_code == 403
    assert why in words_of(answer)
    for told in ("Rowan House", "SC100001", "kent-node", "SC999999"):
        assert told not in answer.text


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8400", "127.0.0.1", "127.0.0.1:8400", "[::1]:8400"]
)
@pytest.mark.parametrize("remote", ["127.0.0.1", "127.0.0.53", "::1"])
def test_pages_answer_to_every_name_of_this_machine(
    visitor: FlaskClient, host: str, remote: str
) -> None:
    answer = visitor.get("/sign-in", environ_overrides={"HTTP_HOST": host, "REMOTE_ADDR": remote})
    assert answer.status_code == 200


def test_nodes_are_not_held_to_this_machine(visitor: FlaskClient) -> None:
    afar = {"REMOTE_ADDR": "192.0.2.7", "HTTP_HOST": "kent.example", "HTTP_FORWARDED": "for=x"}
    answer = visitor.get("/log/checkpoint", environ_overrides=afar)
    assert (answer.status_code, answer.mimetype) == (200, "text/plain")


def test_a_stranger_is_told_no_more_than_that_nothing_is_there(visitor: FlaskClient) -> None:
    answer = visitor.get("/nowhere", environ_overrides={"REMOTE_ADDR": "192.0.2.7"})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert "kent-node" not in answer.text


PUBLIC = "https://kent.example"
PROXIED = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https", "Host": "kent.example"}


@pytest.fixture
def published(app: Flask) -> Flask:
    """The same node, whose pages have a public address."""
    return create_app(app.extensions["commonhearth.node"], PUBLIC)


def test_behind_tls_the_cookie_is_for_this_host_alone_and_http_is_forgotten(
    published: Flask,
) -> None:
    answer = published.test_client().get("/sign-in", headers=PROXIED)
    assert answer.status_code == 200
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-hearth-kent-node=")
    assert cookie.partition(";")[2] == " Secure; HttpOnly; Path=/; SameSite=Lax"
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000"


@pytest.mark.parametrize(
    "changed",
    [
        {"Host": "rebound.example"},
        {"Host": "127.0.0.1:8400"},
        {"Host": "kent.example.rebound.example"},
        {"Host": "[kent.example"},
        {"X-Forwarded-Proto": "http"},
    ],
)
def test_a_published_page_answers_under_its_own_name_over_tls_alone(
    published: Flask, changed: dict[str, str]
) -> None:
    for address in ("/sign-in", "/homes", "/static/init.js"):
        answer = published.test_client().get(address, headers=PROXIED | changed)
        assert answer.status_code in (400, 403), address
        assert "kent-node" not in answer.text


def test_a_proxy_is_believed_only_where_there_is_one(app: Flask) -> None:
    assert app.test_client().get("/sign-in", headers=PROXIED).status_code == 403


# --- Hostile text ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "/homes?words=script",
        "/homes/SC100006",
        "/homes/SC100006?words=script",
        *(f"/homes?{field}={HOSTILE}" for field in ("words", "region", "min_places", "order")),
        f"/homes/SC100001?words={HOSTILE}",
        f"/homes/{HOSTILE}",
    ],
)
def test_text_from_others_is_shown_as_text(visitor: FlaskClient, address: str) -> None:
    page = visitor.get(address).text
    for mark in ("<script>alert", 'onmouseover="x"', " 49 "):
        assert mark not in page.replace("/static/", "")


def test_hostile_text_is_still_shown_whole(visitor: FlaskClient) -> None:
    shown = words_of(visitor.get("/homes/SC100006"))
    assert shown.count(" ".join(HOSTILE.split())) >= 4  # name twice, provider, summary, trouble


# --- Errors ---------------------------------------------------------------------------------------


def test_an_address_without_a_page_says_what_to_do(visitor: FlaskClient) -> None:
    answer = visitor.get("/nowhere")
    assert answer.status_code == 404
    assert "Page not found" in words_of(answer)
    assert "Search all children’s homes" in words_of(answer)


def test_what_pages_do_not_understand_is_refused_with_a_page(visitor: FlaskClient) -> None:
    answer = visitor.post("/commissioning")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "This request could not be read" in words_of(answer)


def test_a_failure_says_so_and_nothing_of_its_inside(
    visitor: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr("directory.homes.search_views.search", fails)
    answer = visitor.get("/homes")
    assert answer.status_code == 500
    assert "Sorry, something went wrong on this node" in words_of(answer)
    assert "the inside" not in answer.text
    assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS
