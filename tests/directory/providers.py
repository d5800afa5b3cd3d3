"""A provider's staff in tests, and what they do on their pages."""

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select
from werkzeug.test import TestResponse

from directory.providers.vouching.models import home_claim
from directory.security.people.models import role_grant
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from tests.directory.people import carrying, form_token, make_person, session_for
from tests.directory.worlds import KENT

OURS = "/our-homes"


def staff_of(app: Flask, node: Node, provider: str = "Acorn Care Ltd") -> FlaskClient:
    """The browser of somebody who works for a provider, through Kent."""
    who = make_person(node)
    with writing(node.node_db) as connection:
        connection.execute(
            insert(role_grant).values(
                person=who,
                role=Role.PROVIDER,
                authority=KENT,
                provider=provider,
                granted_by="operator:tests",
                granted_at=node.now(),
            )
        )
    return carrying(app, session_for(node, who))


def send(browser: FlaskClient, address: str, page: str, **fields: str) -> TestResponse:
    return browser.post(address, data={"csrf_token": form_token(browser, page), **fields})


def claim(staff: FlaskClient, urn: str) -> TestResponse:
    return send(staff, f"{OURS}/claims", OURS, urn=urn)


def number_of(node: Node, provider: str, urn: str) -> str:
    """What names a claim on the pages of the authority where the home stands."""
    with reading(node.node_db) as connection:
        mine = (home_claim.c.provider == provider) & (home_claim.c.urn == urn)
        return str(connection.scalars(select(home_claim.c.number).where(mine)).all()[-1])
