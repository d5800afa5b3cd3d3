"""Every route of the running application, with every role, against the one table of rights.

Routes that are added are walked without being named here. A new parameter in an address needs a
value in SAMPLES.
"""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from directory.access import API, TABLE
from directory.app import create_app
from directory.security.rights.principal import NOBODY, Grant, Principal
from directory.security.rights.roles import WHOLE_NODE, Role
from directory.security.rights.service import may
from directory.security.rights.table import Action
from tests.directory.people import signed_in
from tests.directory.worlds import KENT, LEEDS, MEDWAY, two_served

OWN, SAME_NODE, NONE_OF_THIS_NODE = KENT, MEDWAY, LEEDS
ROLES = [role for role in Role if role is not Role.OPERATOR]  # who has no account
SAMPLES = {
    "gss": KENT,
    "done": "waiting",
    "number": "0" * 32,
    "filename": "init.js",
    "urn": "SC100001",
    "token": "x" * 43,
    "page": "people.everyone",
    "person": "0" * 32,
    "role": "duty officer",
    "session": "0" * 16,
    "notice": "0" * 32,
    "file": "1",
    "shortlist": "0" * 32,
    "matter": "ethos",
    "claim": "0" * 32,
    "asking": "0" * 32,
    "item": "0" * 32,
    "picture": "0" * 32,
    "search": "0" * 32,
    "partner": "0" * 32,
    "told": "0" * 32,
    "look": "0" * 32,
    "of": "notice",
    "sender": LEEDS,
    "placement": "0" * 32,
    "consultation": "0" * 32,
    "draft": "0" * 32,
    "stay": "0" * 32,
    "said": "follows",
    "party": "placing",
    "census": "0" * 32,
    "what": "confirm",
    "kind": "change",
    "question": "0" * 32,
    "message": "0" * 32,
    "breach": "0" * 32,
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """A node that serves two authorities."""
    with two_served(tmp_path_factory.mktemp("node")) as node:
        yield create_app(node)


def routes(app: Flask) -> Iterator[tuple[Rule, str, Action]]:
    """Every page's address pattern and method, with the action that it is for."""
    for rule in app.url_map.iter_rules():
        action = TABLE[rule.endpoint]
        if isinstance(action, Action) and not rule.endpoint.startswith(API):
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield rule, method, action


def address(app: Flask, rule: Rule, authority: str) -> str:
    """An address that the pattern takes."""
    missing = rule.arguments - SAMPLES.keys() - {"authority"}
    assert not missing, f"{rule}: give SAMPLES a value for {', '.join(missing)}"
    values = {name: SAMPLES.get(name, authority) for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


def is_refused(answer: TestResponse) -> bool:
    return answer.status_code == 403 or (answer.location or "").startswith("/sign-in")


def holding(role: Role, authority: str) -> Principal:
    if role is Role.NOBODY:
        return NOBODY
    return Principal("x", "x", frozenset({Grant(role, None if role in WHOLE_NODE else authority)}))


def test_every_route_has_a_row_and_every_row_a_route(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(TABLE)


def test_a_route_without_a_row_is_refused(app: Flask) -> None:
    other = create_app(app.extensions["commonhearth.node"])
    other.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = signed_in(other, Role.NODE_ADMINISTRATOR).get("/forgotten")
    assert answer.status_code == 403
    assert b"secret" not in answer.data


@pytest.mark.parametrize("role", ROLES)
def test_every_route_opens_for_whom_the_table_says_and_for_nobody_else(
    app: Flask, role: Role
) -> None:
    browser = signed_in(app, role, OWN)
    for rule, method, action in routes(app):
        for authority in (OWN, SAME_NODE, NONE_OF_THIS_NODE):
            expected = may(holding(role, OWN), action, authority)
            path = address(app, rule, authority)
            if "authority" in rule.arguments and authority == NONE_OF_THIS_NODE:
                answer = browser.open(path, method=method)
                assert is_refused(answer) or answer.status_code == 404, (path, method)
            else:
                compare(browser, method, path, action, expected)


def compare(browser: FlaskClient, method: str, path: str, action: Action, expected: bool) -> None:
    """Whether a request gets past the guard. A form that is sent without its token gets no further.

    Whoever may only enter is led to signing in by the pages for its later steps.
    """
    with browser.open(path, method=method) as answer:
        if action is Action.ENTER:
            assert answer.status_code != 403, (path, method)
        else:
            assert is_refused(answer) is not expected, (path, method, answer.status_code)


def test_whoever_is_not_signed_in_comes_back_to_where_they_wanted(app: Flask) -> None:
    answer = app.test_client().get("/homes?words=autism&page=2")
    assert answer.location == "/sign-in?next=/homes?words%3Dautism%26page%3D2"
