"""Every route of the API, with every scope, against the one table of rights.

With records of the token's own authority, of another authority on the same node, and of one that
the node does not serve; and without a token, or as somebody who is signed in to the pages.
"""

from collections.abc import Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule

from directory.access import API, TABLE
from directory.app import create_app
from directory.security.rights.principal import NOBODY, Grant, Principal, operator
from directory.security.rights.roles import Role, Scope
from directory.security.rights.service import may
from directory.security.rights.table import Action
from directory.security.systems.service import register
from federation import (
    Node,
    writing,
)
from tests.api.systems import SystemClient
from tests.directory.people import signed_in
from tests.directory.worlds import KENT, LEEDS, MEDWAY, two_served

OWN, SAME_NODE, NONE_OF_THIS_NODE = KENT, MEDWAY, LEEDS
REFUSED = (401, 403)


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    """A node that serves two authorities."""
    with two_served(tmp_path_factory.mktemp("both")) as node:
        yield node


@pytest.fixture(scope="module")
def serving(both: Node) -> Flask:
    return create_app(both)


def routes(app: Flask) -> Iterator[tuple[Rule, str, Action]]:
    for rule in app.url_map.iter_rules():
        action = TABLE[rule.endpoint]
        if rule.endpoint == "api.token":
            continue  # which wants a secret, and no token
        if rule.endpoint.startswith(API) and isinstance(action, Action):
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield rule, method, action


def address(app: Flask, rule: Rule, authority: str) -> str:
    values = {name: authority if name == "authority" else "x" for name in rule.arguments}
    with app.test_request_context():
        return app.url_for(rule.endpoint, **values)


@pytest.mark.parametrize("scope", Scope)
def test_a_scope_opens_what_the_table_says_and_nothing_else(
    serving: Flask, both: Node, scope: Scope
) -> None:
    with writing(both.node_db) as connection:
        registered = register(
            connection,
            both,
            operator("root"),
            authority=OWN,
            name="One",
            scopes=[scope],
            provider="Acorn Care Ltd" if scope is Scope.PROVIDER_WORK else None,
        )
    who = Principal("x", "x", frozenset({Grant(scope, OWN)}))
    headers = {"Authorization": SystemClient(serving, *registered).bearer}
    for rule, method, action in routes(serving):
        for authority in (OWN, SAME_NODE, NONE_OF_THIS_NODE):
            path = address(serving, rule, authority)
            answer = serving.test_client().open(path, method=method, headers=headers)
            opened = may(who, action, authority) or may(NOBODY, action)
            said = f"{method} {path} answers {answer.status_code} to {scope}"
            assert (answer.status_code in REFUSED) is not opened, said


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.OPERATOR}))  # who has no account
def test_a_cookie_opens_nothing(serving: Flask, role: Role) -> None:
    browser = signed_in(serving, role, OWN)
    for rule, method, action in routes(serving):
        if not may(NOBODY, action):
            answer = browser.open(address(serving, rule, OWN), method=method)
            assert answer.status_code == 401, f"{method} {rule.rule} answers to a cookie"
