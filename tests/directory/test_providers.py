"""A provider's staff: invited by an authority, confirmed home by home, let into nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.providers.vouching.labels import plain
from directory.security.audit.models import audit_row
from directory.security.people import accounts
from directory.security.people.errors import OtherSide
from directory.security.people.grants import Held
from directory.security.people.models import person
from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import Grant, Principal, operator
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from tests.directory.people import carrying, make_person, session_for, signed_in
from tests.directory.providers import OURS, claim, number_of, send, staff_of
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, LEEDS, a_home, consortium

PAGE = f"/authorities/{KENT}/providers"
HOMES = {
    "kent-node": [
        a_home("SC100001", name="Rowan House", provider="Acorn Care Limited"),
        a_home("SC100002", name="Elm House", provider="Birch Homes"),
        a_home("SC100003"),
    ],
    "leeds-node": [a_home("SC200001", name="Ash House", authority=LEEDS)],
}
KIM = {"provider": "Acorn Care Ltd", "name": "Kim Lee", "email": "kim@acorn.example"}
WHY = "Their manager says that it was sold"


def to(desk: FlaskClient, address: str, **fields: str) -> TestResponse:
    return send(desk, address, f"{PAGE}/invite", **fields)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with consortium(tmp_path, HOMES) as one:
        yield one.reader


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    """The browser of a commissioner of Kent."""
    return signed_in(app, Role.COMMISSIONER, name="Cleo Reader")


def test_staff_are_invited_with_their_homes_which_somebody_confirms(
    node: Node, app: Flask, desk: FlaskClient
) -> None:
    made = to(desk, f"{PAGE}/invite", urns="sc100001,\nSC100002", **KIM)
    link = made.text.partition('id="link">')[2].partition("<")[0]
    assert desk.get(link.removeprefix("http://localhost")).status_code == 200
    with reading(node.node_db) as connection:
        kim = connection.scalar(select(person.c.id).where(person.c.email == KIM["email"]))
    staff = carrying(app, session_for(node, str(kim)))
    assert words_of(staff.get(OURS)).count("Waits for the authority") == 2

    shown = words_of(desk.get(PAGE))
    assert "Ofsted’s list names Acorn Care Limited" in shown
    assert "Ofsted’s list names Birch Homes Not the same" in shown
    assert "2 to confirm" in words_of(desk.get("/"))
    rowan = number_of(node, KIM["provider"], "SC100001")
    assert to(desk, f"{PAGE}/claims/{rowan}/confirm").status_code == 303
    elm = number_of(node, KIM["provider"], "SC100002")
    refused = to(desk, f"{PAGE}/claims/{elm}/confirm")
    assert refused.status_code == 400
    assert words_of(refused).count("Say that you have checked that they run it") == 2
    to(desk, f"{PAGE}/claims/{elm}/confirm", looked_into="yes")
    assert words_of(staff.get(OURS)).count(" Yours ") == 2
    with reading(node.node_db) as connection:
        rows = connection.execute(select(audit_row.c.record, audit_row.c.detail)).all()
    assert ("home/SC100001", "confirmed for Acorn Care Ltd") in rows


def test_a_home_claimed_by_two_providers_is_shown_and_refused_until_the_first_ends(
    node: Node, app: Flask, desk: FlaskClient
) -> None:
    acorn, birch = staff_of(app, node), staff_of(app, node, "Birch Homes")
    claim(acorn, "SC100001")
    claim(birch, "SC100001")
    first = number_of(node, "Acorn Care Ltd", "SC100001")
    second = number_of(node, "Birch Homes", "SC100001")
    to(desk, f"{PAGE}/claims/{first}/confirm")
    shown = words_of(desk.get(PAGE))
    assert "Claimed by two Acorn Care Ltd runs this home" in shown
    assert "Confirm that Birch Homes runs" not in shown
    tried = to(desk, f"{PAGE}/claims/{second}/confirm", looked_into="yes")
    assert tried.status_code == 409
    assert "Acorn Care Ltd runs SC100001, as was confirmed here" in words_of(tried)
    assert "Acorn" not in words_of(birch.get(OURS)), "nothing of another provider"

    assert to(desk, f"{PAGE}/claims/{first}/refuse", reason="no").status_code == 400
    assert to(desk, f"{PAGE}/claims/{first}/refuse", reason=WHY).status_code == 303
    assert f"Ended {WHY}" in words_of(acorn.get(OURS))
    to(desk, f"{PAGE}/claims/{second}/confirm", looked_into="yes")
    assert "Yours" in words_of(birch.get(OURS))
    assert to(desk, f"{PAGE}/claims/{first}/confirm").status_code == 409


def test_what_was_refused_can_be_claimed_anew_and_why_is_sealed(
    node: Node, app: Flask, desk: FlaskClient
) -> None:
    staff, why = staff_of(app, node), "Ask the Xylophone people"
    claim(staff, "SC100003")
    again = claim(staff, "sc100003")
    assert again.status_code == 400
    assert words_of(again).count("waits for the authority") == 2
    to(
        desk,
        f"{PAGE}/claims/{number_of(node, 'Acorn Care Ltd', 'SC100003')}/refuse",
        reason=why,
    )
    assert f"Refused {why}" in words_of(staff.get(OURS))
    files = [one for one in node.folder.rglob("*") if one.is_file()]
    assert not [one for one in files if b"Xylophone" in one.read_bytes()]
    assert claim(staff, "SC100003").status_code == 303
    assert why not in words_of(staff.get(OURS))


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("provider", "", "Enter the provider’s name"),
        ("provider", "x" * 201, "200 characters or fewer"),
        ("name", "", "Enter their name"),
        ("email", "kim", "Enter an email address"),
        ("urns", "SC100001 <b>", "is no URN"),
        ("urns", "SC200001", "no home in Kent with the URN SC200001"),
        ("urns", "SC999999", "no home in Kent with the URN SC999999"),
        ("urns", " ".join(f"SC{n:06}" for n in range(101)), "100 URNs at a time"),
    ],
)
def test_a_mistake_is_shown_beside_its_field_and_nobody_is_invited(
    node: Node, desk: FlaskClient, field: str, value: str, why: str
) -> None:
    answer = to(desk, f"{PAGE}/invite", **{**KIM, "urns": "SC100001", field: value})
    assert answer.status_code == 400
    assert words_of(answer).count(why) == 2, "in the summary and beside the field"
    assert field == "provider" or "Acorn Care Ltd" in answer.text
    with reading(node.node_db) as connection:
        assert not connection.scalar(select(person.c.id).where(person.c.name == "Kim Lee"))


def test_a_home_that_nobody_publishes_cannot_be_claimed(node: Node, app: Flask) -> None:
    answer = claim(staff_of(app, node), "SC999999")
    assert answer.status_code == 400
    assert words_of(answer).count("no home with the URN SC999999") == 2


def test_a_providers_staff_see_their_own_homes_and_nothing_of_the_authority(
    node: Node, app: Flask
) -> None:
    acorn, birch = staff_of(app, node), staff_of(app, node, "Birch Homes")
    claim(acorn, "SC100001")
    assert "SC100001" not in birch.get(OURS).text
    for page in ("providers", "people", "releases", "audit", "notices/sent", "notices/received"):
        assert acorn.get(f"/authorities/{KENT}/{page}").status_code == 403
    assert "Notices" not in words_of(acorn.get(OURS))
    assert signed_in(app, Role.COMMISSIONER).get(OURS).status_code == 403


def test_another_authority_decides_nothing_here(node: Node, app: Flask) -> None:
    claim(staff_of(app, node), "SC100001")
    stranger = signed_in(app, Role.COMMISSIONER, LEEDS)
    number = number_of(node, "Acorn Care Ltd", "SC100001")
    answer = stranger.post(f"{PAGE}/claims/{number}/confirm")
    assert answer.location.startswith("/sign-in"), "a role that counts for nothing on this node"


def test_a_commissioner_makes_nobody_anything_but_a_provider_s(node: Node) -> None:
    who = Principal("person:x", "Cleo", frozenset({Grant(Role.COMMISSIONER, KENT)}))
    held = Held(Role.DUTY_OFFICER, KENT)
    with pytest.raises(NotAllowed), writing(node.node_db) as connection:
        accounts.invite(connection, node, who, "kim@acorn.example", "Kim", held)


@pytest.mark.parametrize("first", [Role.PROVIDER, Role.COMMISSIONER])
def test_nobody_works_for_an_authority_and_a_provider_with_one_account(
    node: Node, first: Role
) -> None:
    kim = make_person(node, (first, KENT))
    then = Role.COMMISSIONER if first is Role.PROVIDER else Role.PROVIDER
    with pytest.raises(OtherSide), writing(node.node_db) as connection:
        accounts.grant(connection, node, operator("root"), kim, Held(then, KENT, "Acorn"))


def test_names_are_the_same_however_they_are_spelt() -> None:
    assert plain("ACORN Care Ltd.") == plain("Acorn  care limited")
    assert plain("Acorn Care") != plain("Acorn Homes")
