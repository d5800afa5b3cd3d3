"""People with accounts, for tests: signed in without typing anything."""

import secrets
from itertools import count

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert

from directory.security.people.grants import WHOLE
from directory.security.people.models import person, role_grant
from directory.security.people.sessions import Stage, start
from directory.security.rights.roles import WHOLE_NODE, Role
from federation import Node, writing
from tests.directory.worlds import KENT

_numbers = count(1)


def make_person(node: Node, *held: tuple[Role, str | None], name: str = "Sam Sample") -> str:
    """Somebody with roles, each for an authority or for the node; gives their id.

    They have no password: what signs them in is `session_for`, or a test that gives them one.
    """
    made = secrets.token_hex(16)
    email = f"sam.{next(_numbers)}.{made[:4]}@council.example"
    with writing(node.node_db) as connection:
        connection.execute(
            insert(person).values(id=made, email=email, name=name, created_at=node.now())
        )
        for role, authority in held:
            connection.execute(
                insert(role_grant).values(
                    person=made,
                    role=role,
                    authority=authority or WHOLE,
                    provider="Acorn Care Ltd" if role is Role.PROVIDER else None,
                    granted_by="operator:tests",
                    granted_at=node.now(),
                )
            )
    return made


def session_for(node: Node, who: str) -> str:
    """The token of a new session of somebody's."""
    with writing(node.node_db) as connection:
        return start(connection, who, Stage.IN, "Firefox on Linux", node.now())


def carrying(app: Flask, token: str) -> FlaskClient:
    """A browser with a session's cookie."""
    client = app.test_client()
    client.set_cookie(app.session_interface.name, token)  # type: ignore[attr-defined]
    return client


def signed_in(app: Flask, role: Role, authority: str | None = KENT, **known: str) -> FlaskClient:
    """The browser of somebody who is signed in with one role, for an authority or for the node.

    With Role.NOBODY, a browser that nobody is signed in with.
    """
    if role is Role.NOBODY:
        return app.test_client()
    node: Node = app.extensions["commonhearth.node"]
    who = make_person(node, (role, None if role in WHOLE_NODE else authority), **known)
    return carrying(app, session_for(node, who))


def form_token(client: FlaskClient, address: str) -> str:
    """The token in the form at an address."""
    page = client.get(address).text
    return page.partition('name="csrf_token" value="')[2].partition('"')[0]
