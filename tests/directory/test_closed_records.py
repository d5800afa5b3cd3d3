"""Restricted records, and what is opened in an emergency: closed, told, noted and reviewed."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from directory.app import create_app
from directory.notices.received import read_received
from directory.placing.register.service import (
    add_child,
    add_placement,
    read_placement,
    read_register,
)
from directory.placing.register.values import ChildFacts, Course, PlacementFacts
from directory.privacy.emergencies.models import emergency_look
from directory.privacy.emergencies.telling import TellOfEmergencies
from directory.privacy.restricting.errors import Restricted
from directory.privacy.restricting.models import restriction
from directory.privacy.restricting.service import restrict
from directory.security.audit.models import audit_row
from directory.security.people.grants import grants_of
from directory.security.rights.principal import Principal, operator
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from tests.directory.correspondence import AREA, CHILD, Correspondence
from tests.directory.people import carrying, make_person, session_for, signed_in
from tests.directory.test_partners import Mail, later, place, postbox, submit
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, MEDWAY, two_served

__all__ = ["postbox"]
INBOX = f"/authorities/{AREA}/notices/received"
REVIEWS = f"/authorities/{AREA}/emergencies"
REASON = {"reason": "The child is missing, or may be at risk"}
EMERGENCY = "Missing since 22:40, police are asking"


def somebody(node: Node, *roles: Role, name: str, authority: str = AREA) -> Principal:
    number = make_person(node, *((role, authority) for role in roles), name=name)
    with reading(node.node_db) as connection:
        return Principal(f"person:{number}", name, grants_of(connection, number))


def browser_of(app: Flask, who: Principal) -> FlaskClient:
    node: Node = app.extensions["commonhearth.node"]
    return carrying(app, session_for(node, who.id.removeprefix("person:")))


def shows_the_child(text: str) -> bool:
    return any(one in text for one in CHILD[:2])


@pytest.fixture(scope="module")
def app(post: Correspondence) -> Flask:
    return create_app(post.area)


@pytest.fixture(scope="module")
def ann(post: Correspondence) -> Principal:
    return somebody(post.area, Role.DUTY_OFFICER, name="Ann Aunt")


@pytest.fixture(scope="module")
def bob(post: Correspondence) -> Principal:
    return somebody(post.area, Role.DUTY_OFFICER, name="Bob Brown")


@pytest.fixture(scope="module")
def gia(post: Correspondence) -> Principal:
    return somebody(post.area, Role.GOVERNANCE_OFFICER, name="Gia Governance")


@pytest.fixture
def restricted(post: Correspondence, app: Flask, bob: Principal) -> Iterator[str]:
    """A notice that only Bob may open; its id. The child is the same in each test, and what is
    restricted in one closes what comes in the next.
    """
    notice = place(post)
    form = {"named": [bob.id], "reason": "A colleague's nephew", "do": "keep"}
    answer = submit(browser_of(app, bob), f"/authorities/{AREA}/restricted/notice/{notice}", form)
    assert answer.status_code == 303, words_of(answer)
    yield notice
    with writing(post.area.node_db) as connection:
        connection.execute(update(restriction).values(lifted_at=post.area.now()))


def looks(node: Node) -> list[str]:
    with reading(node.node_db) as connection:
        return list(connection.scalars(select(emergency_look.c.id)))


# --- Restricted -----------------------------------------------------------------------------------


def test_a_restricted_record_opens_to_who_is_named_and_others_see_whom_to_ask(
    app: Flask, restricted: str, ann: Principal, bob: Principal
) -> None:
    page = f"{INBOX}/{restricted}"
    closed = submit(browser_of(app, ann), page, REASON, "/account")
    assert closed.status_code == 403
    assert "This record is restricted" in words_of(closed)
    assert "Bob Brown" in words_of(closed)
    there = re.search(r"/emergencies/open\?[^\"]*", closed.text)
    assert there
    form = browser_of(app, ann).get(html.unescape(there[0])).text
    assert f'value="{AREA}" selected' in form, "a tired officer types neither again"
    assert re.search(rf'name="reference"[^>]*value="{restricted[:4]}', form, re.IGNORECASE)
    assert not shows_the_child(closed.text)
    assert shows_the_child(submit(browser_of(app, bob), page, REASON).text)
    assert "Restricted" in words_of(browser_of(app, ann).get(INBOX))
    one = submit(browser_of(app, ann), f"{page}/attachments/1", REASON, "/account")
    assert one.status_code == 403
    why = {"reason": "A child is missing, or may be at risk", "words": CHILD[1]}
    for who, seen in ((ann, False), (bob, True)):
        found = submit(browser_of(app, who), "/register", why)
        assert found.status_code == 200, words_of(found)
        lines = re.sub(r"<input[^>]*>", "", found.text)
        assert (CHILD[0] in lines) is seen
        assert ("Ask Bob Brown" in words_of(found)) is not seen


def test_a_restricted_record_is_closed_to_systems_and_operators(
    post: Correspondence, restricted: str
) -> None:
    with pytest.raises(Restricted), writing(post.area.node_db) as connection:
        read_received(
            connection,
            post.area,
            operator("root"),
            area=AREA,
            notice=restricted,
            reason="just looking",
        )


def test_nobody_names_themselves_and_nobody_else_lifts_it(
    post: Correspondence,
    app: Flask,
    restricted: str,
    ann: Principal,
    bob: Principal,
    gia: Principal,
) -> None:
    page = f"/authorities/{AREA}/restricted/notice/{restricted}"
    both = {"named": [ann.id, bob.id], "reason": "I need it, too", "do": "keep"}
    listing = f"/authorities/{AREA}/restricted"
    for form in (both, {**both, "do": "lift"}):
        answer = submit(browser_of(app, ann), page, form, "/account")
        assert answer.status_code == 403
    two = somebody(post.area, Role.GOVERNANCE_OFFICER, Role.DUTY_OFFICER, name="Gus Both")
    named = {**both, "named": [two.id]}
    assert submit(browser_of(app, two), page, named).status_code == 400
    assert "nephew" not in browser_of(app, ann).get(listing).text
    assert "nephew" in browser_of(app, gia).get(listing).text
    assert submit(browser_of(app, gia), page, both).status_code == 303
    assert shows_the_child(submit(browser_of(app, ann), f"{INBOX}/{restricted}", REASON).text)
    lifted = submit(browser_of(app, gia), page, {**both, "do": "lift"})
    assert lifted.status_code == 400, "who is not named opens it to nobody, themselves among them"
    assert submit(browser_of(app, bob), page, {**both, "do": "lift"}).status_code == 303


def test_a_restricted_placement_is_closed_with_its_child_and_its_notice(tmp_path: Path) -> None:
    with two_served(tmp_path) as node:
        carol = somebody(node, Role.COMMISSIONER, name="Carol", authority=KENT)
        chris = somebody(node, Role.COMMISSIONER, name="Chris", authority=KENT)
        with writing(node.node_db) as connection:
            child = add_child(connection, node, carol, KENT, ChildFacts("K-1", CHILD[0], CHILD[1]))
            number = add_placement(
                connection,
                node,
                carol,
                KENT,
                child,
                Course(node.now().date(), "live"),
                PlacementFacts("foster care", "1 Sample Lane"),
            )
            record = f"placement/{number}"
            restrict(connection, node, carol, KENT, record, [carol.id], "A colleague's niece")
        with writing(node.node_db) as connection:
            assert read_placement(connection, node, carol, KENT, number, "to call").child
            assert read_register(connection, node, chris, KENT, "to list", "all") == ([], {})
        with pytest.raises(Restricted), writing(node.node_db) as connection:
            read_placement(connection, node, chris, KENT, number, "to call")

        night = signed_in(create_app(node), Role.DUTY_OFFICER, MEDWAY, name="Nan Night")
        form = {"authority": KENT, "family_name": CHILD[1], "emergency": EMERGENCY}
        assert shows_the_child(submit(night, "/emergencies/open", form).text)


# --- In an emergency ------------------------------------------------------------------------------


def test_what_is_opened_in_an_emergency_is_marked_told_and_reviewed(
    post: Correspondence,
    app: Flask,
    restricted: str,
    ann: Principal,
    gia: Principal,
    bob: Principal,
    postbox: Mail,
) -> None:
    form = {
        "authority": AREA,
        "reference": f"{restricted[:4]} {restricted[4:8]}",
        "emergency": EMERGENCY,
    }
    opened = submit(browser_of(app, ann), "/emergencies/open", form)
    assert shows_the_child(opened.text)
    assert "Opened in an emergency" in words_of(opened)
    assert "Stays until July" not in opened.text, "what is of use at night, and no more"

    TellOfEmergencies(postbox[1], "http://localhost")(post.area)
    told = {}
    while not postbox[0].came.empty():
        to, text = postbox[0].came.get()
        told[to] = text
    assert len(told) >= 2, "the governance officer, and who is named in the record"
    assert not [one for text in told.values() for one in CHILD if one in text]
    TellOfEmergencies(postbox[1], "http://localhost")(post.area)
    assert postbox[0].came.empty(), "once"

    assert "Opened in an emergency 1 to review" in words_of(browser_of(app, gia).get("/"))
    after = create_app(later(post.area, timedelta(days=5)))
    assert "1 overdue" in words_of(browser_of(after, gia).get("/"))
    page = browser_of(app, gia).get(REVIEWS)
    assert EMERGENCY in words_of(page)
    look = re.search(rf"{REVIEWS}/([0-9a-f]{{32}})", page.text)
    assert look
    empty = submit(browser_of(app, gia), look[0], {"finding": "needed", "said": ""}, REVIEWS)
    assert empty.status_code == 400
    said = {"finding": "needed", "said": "The police confirm that they called."}
    assert submit(browser_of(app, gia), look[0], said, REVIEWS).status_code == 303
    assert "Nothing waits for a review" in words_of(browser_of(app, gia).get(REVIEWS))


def test_nobody_reviews_their_own_look(post: Correspondence, app: Flask, restricted: str) -> None:
    both = somebody(post.area, Role.DUTY_OFFICER, Role.DUTY_LEAD, name="Lou Lead")
    form = {"authority": AREA, "reference": restricted[:8], "emergency": EMERGENCY}
    assert submit(browser_of(app, both), "/emergencies/open", form).status_code == 200
    look = looks(post.area)[-1]
    said = {"finding": "needed", "said": "I was right."}
    for one in looks(post.area):
        submit(browser_of(app, both), f"{REVIEWS}/{one}", said, "/account")
    with reading(post.area.node_db) as connection:
        mine = connection.scalars(
            select(emergency_look.c.reviewed_at).where(emergency_look.c.who == both.id)
        ).all()
    assert mine == [None]
    assert look


def test_without_an_emergency_nothing_opens_and_a_search_is_noted(
    post: Correspondence, app: Flask, restricted: str, ann: Principal
) -> None:
    browser = browser_of(app, ann)
    form = {"authority": AREA, "family_name": CHILD[1], "emergency": "please"}
    answer = submit(browser, "/emergencies/open", form)
    assert answer.status_code == 400
    assert not shows_the_child(re.sub(r"<input[^>]*>", "", answer.text))
    none = submit(
        browser, "/emergencies/open", {**form, "family_name": "Nemo", "emergency": EMERGENCY}
    )
    assert none.status_code == 404
    with reading(post.area.node_db) as connection:
        last = connection.execute(select(audit_row).order_by(audit_row.c.seq.desc()).limit(1)).one()
    assert (last.record, last.who) == ("search", ann.id)
    assert last.reason is not None


def test_only_a_duty_officer_breaks_the_glass(app: Flask) -> None:
    for role in (Role.COMMISSIONER, Role.GOVERNANCE_OFFICER, Role.DUTY_LEAD, Role.PROVIDER):
        assert signed_in(app, role, AREA).get("/emergencies/open").status_code == 403
