"""Who has children in a home learns that it changed, by page and by email, and an email tells
nothing.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from queue import Queue

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import insert, select

from directory.alerts.changed import changed_homes, look, mark_seen
from directory.alerts.mailing import MailAlerts, choose
from directory.alerts.models import alert_mail
from directory.alerts.topics import Topic
from directory.app import create_app
from directory.choosing.changes.models import home_change
from directory.hosting.entering.service import enter_notices
from directory.node.running.emailing import RETURNED
from directory.placing.register.service import add_child, add_placement
from directory.placing.register.values import ChildFacts, Course, PlacementFacts
from directory.privacy.restricting.service import restrict
from directory.security.audit.models import audit_row
from directory.security.mail.smtp import SmtpMailer
from directory.security.mail.watching import came_back
from directory.security.people.models import person
from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import NOBODY, Grant, Principal
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from protocols.commissioning import PositionStatement
from tests.databases import Databases
from tests.directory.command_line import free_ports
from tests.directory.entered import came
from tests.directory.people import carrying, form_token, make_person, session_for, signed_in
from tests.directory.visiting import words_of
from tests.directory.worlds import (
    KENT,
    LEEDS,
    MEDWAY,
    NOW,
    Consortium,
    a_home,
    consortium,
    wants,
)

OURS, TOLD = (f"/authorities/{KENT}/changes/{page}" for page in ("where-placed", "where-told"))
COLA = Principal("person:cola", "Cola Commissioner", frozenset({Grant(Role.COMMISSIONER, KENT)}))
DUTY = Principal("person:duty", "Dee Duty", frozenset({Grant(Role.DUTY_OFFICER, KENT)}))
MEG = Principal("person:meg", "Meg Medway", frozenset({Grant(Role.COMMISSIONER, MEDWAY)}))
CHILD = ChildFacts("KID-90210", "Zebedee", "Quillfeather", date(2012, 4, 9))
AT = "https://hearth.kent.example"


@pytest.fixture
def world(tmp_path: Path, database: Databases) -> Iterator[Consortium]:
    homes = [a_home("SC100001", name="Rowan House"), a_home("SC100005", name="Ash House")]
    with consortium(tmp_path, {"kent-node": homes}, database) as world:
        yield world


@pytest.fixture
def node(world: Consortium) -> Node:
    return world.reader


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture
def postbox() -> Iterator[tuple[Queue[str], SmtpMailer]]:
    came: Queue[str] = Queue()

    class Box:
        async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
            came.put(envelope.content.decode())
            return "250 Taken"

    server = Controller(
        Box(), hostname="127.0.0.1", port=free_ports(1)[0], server_hostname="localhost"
    )
    server.start()
    yield came, SmtpMailer("127.0.0.1", server.port, "hearth@kent.example")
    server.stop()


def place(node: Node, urn: str = "SC100001", state: str = "live") -> str:
    course = Course(date(2026, 6, 1), state)  # type: ignore[arg-type]
    facts = PlacementFacts("children's home", "7 Nowhere Lane", urn)
    with writing(node.node_db) as connection:
        of = add_child(connection, node, COLA, KENT, CHILD)
        return add_placement(connection, node, COLA, KENT, of, course, facts)


def change(node: Node, urn: str = "SC100001", at: datetime = NOW) -> int:
    with writing(node.node_db) as connection:
        number: int = connection.execute(
            insert(home_change)
            .values(
                urn=urn,
                kind="closed",
                name="Rowan House",
                authority=KENT,
                differences="[]",
                as_at=at.date(),
                noted_at=at,
            )
            .returning(home_change.c.id)
        ).scalar_one()
    return number


def counted(node: Node, who: Principal = COLA, side: str = "placing") -> dict[str, tuple[int, int]]:
    with reading(node.node_db) as connection:
        found = changed_homes(connection, node, who, KENT, side)  # type: ignore[arg-type]
    return {one.urn: (len(one.living.here), len(one.living.coming)) for one in found}


def later(node: Node, **by: float) -> Node:
    return replace(node, now=lambda: NOW + timedelta(**by))


# --- Homes that changed, where children live ------------------------------------------------------


@pytest.mark.both_databases
def test_who_placed_children_in_a_home_is_told_that_it_changed_until_they_have_seen_it(
    node: Node,
) -> None:
    place(node)
    place(node, state="planned")
    place(node, state="ended")
    change(node, "SC100005")
    assert counted(node) == {}, "no child of theirs lives in that one"
    newest = change(node)
    assert counted(node) == {"SC100001": (1, 1)}
    with writing(node.node_db) as connection:
        (home,) = look(connection, node, COLA, KENT, "placing")
        mark_seen(connection, node, COLA, KENT, "placing", newest)
        told = connection.scalars(select(audit_row.c.detail)).all()
    assert home.changes[0].kind == "closed"
    assert all(record in told[-2] for record in home.living.records)
    assert counted(node) == {}
    colleague = replace(COLA, id="person:carl")
    assert counted(node, colleague) == {"SC100001": (1, 1)}, "what one has seen another has not"
    change(node)
    assert counted(node) == {"SC100001": (1, 1)}


def test_the_duty_team_of_the_area_is_told_of_homes_in_which_others_children_live(
    node: Node,
) -> None:
    with writing(node.node_db) as connection:
        gone = came("Ann", "Other", ended_on=date(2026, 10, 1))
        soon = came("Bea", "Other", starts_on=date(2026, 12, 1))
        enter_notices(connection, node, DUTY, KENT, [came("Zeb", "Quill"), gone, soon])
    change(node)
    assert counted(node, DUTY, "area") == {"SC100001": (1, 1)}
    assert counted(node) == {}, "Kent placed none of them"


def test_a_restricted_record_counts_for_those_who_are_named_in_it_alone(node: Node) -> None:
    named = make_person(node, (Role.COMMISSIONER, KENT), name="Nell Named")
    nell = replace(COLA, id=f"person:{named}")
    number = place(node)
    change(node)
    with writing(node.node_db) as connection:
        why = "The child of a colleague"
        restrict(connection, node, nell, KENT, f"placement/{number}", [nell.id], why)
    assert counted(node) == {}
    assert counted(node, nell) == {"SC100001": (1, 0)}


def test_nobody_else_is_told_in_which_homes_children_live(node: Node, app: Flask) -> None:
    place(node)
    change(node)
    for who in (NOBODY, MEG, DUTY):
        with reading(node.node_db) as connection, pytest.raises(NotAllowed):
            changed_homes(connection, node, who, KENT, "placing")
    with reading(node.node_db) as connection, pytest.raises(NotAllowed):
        changed_homes(connection, node, COLA, KENT, "area")
    duty = signed_in(app, Role.DUTY_OFFICER)
    assert duty.get(OURS).status_code == 403
    assert "our children live" not in words_of(duty.get("/"))


def test_the_page_says_how_many_and_what_changed_and_nothing_of_who(node: Node, app: Flask) -> None:
    cola = signed_in(app, Role.COMMISSIONER)
    assert "There is nothing that you have not seen" in words_of(cola.get(OURS))
    place(node)
    newest = change(node)
    assert "Changed homes where our children live 1 not yet seen" in words_of(cola.get("/"))
    shown = words_of(cola.get(OURS))
    assert "1 child whom your authority placed lives here." in shown
    assert "Rowan House, URN SC100001" in shown
    assert "Zebedee" not in shown
    assert "KID-90210" not in shown
    seen = {"csrf_token": form_token(cola, OURS), "newest": newest}
    answer = cola.post(OURS, data=seen, follow_redirects=True)
    assert "for you alone" in words_of(answer)
    assert answer.request.path == OURS
    assert "not yet seen" not in words_of(cola.get("/")).partition("Changes of homes")[0]


# --- By email -------------------------------------------------------------------------------------


def choose_page(app: Flask, node: Node, who: str, *topics: str) -> str:
    browser = carrying(app, session_for(node, who))
    form = {"csrf_token": form_token(browser, "/account/alerts"), "topic": list(topics)}
    return words_of(browser.post("/account/alerts", data=form, follow_redirects=True))


@pytest.mark.both_databases
def test_an_email_says_how_many_alerts_are_new_and_nothing_of_any_of_them(
    node: Node, app: Flask, postbox: tuple[Queue[str], SmtpMailer]
) -> None:
    came, mailer = postbox
    who = make_person(node, (Role.COMMISSIONER, KENT))
    mail = MailAlerts(mailer, AT)
    assert "You are told of what you have chosen" in choose_page(app, node, who, "lived-in")
    mail(node)
    assert came.empty(), "nothing stands there"
    place(node)
    change(node)
    mail(later(node, days=1))
    text = came.get(timeout=5)
    assert "You have 1 new alert." in text
    assert AT + "/account/alerts" in text
    for secret in ("SC100001", "Rowan", "Zebedee", "KID-90210", "child", "home", "placed"):
        assert secret not in text.partition("Subject:")[2].replace("commonhearth", ""), secret
    mail(later(node, days=2))
    assert came.empty(), "it was told"
    change(node, "SC100005")
    place(node, "SC100005")
    mail(later(node, days=3))
    assert "You have 1 new alert (2 in all)." in came.get(timeout=5)
    with reading(node.node_db) as connection:
        assert b"SC1" not in connection.scalar(select(alert_mail.c.told))
    assert "No alerts come by email any more" in choose_page(app, node, who)
    change(node)
    mail(later(node, days=9))
    assert came.empty()
    with reading(node.node_db) as connection:
        assert connection.execute(select(alert_mail)).all() == []


def test_who_lost_the_role_or_the_account_gets_no_email(
    node: Node, postbox: tuple[Queue[str], SmtpMailer]
) -> None:
    came, mailer = postbox
    place(node)
    change(node)
    gone = make_person(node, (Role.COMMISSIONER, KENT))
    other = make_person(node, (Role.GOVERNANCE_OFFICER, KENT))
    for number in (gone, other):
        choose(node, replace(COLA, id=f"person:{number}"), number, {Topic.LIVED_IN})
    with writing(node.node_db) as connection:
        connection.execute(person.update().where(person.c.id == gone).values(disabled_at=NOW))
    MailAlerts(mailer, AT)(node)
    assert came.empty()


def test_an_email_that_does_not_leave_waits_and_is_tried_again(
    node: Node, app: Flask, postbox: tuple[Queue[str], SmtpMailer]
) -> None:
    came, mailer = postbox
    place(node)
    change(node)
    who = make_person(node, (Role.COMMISSIONER, KENT))
    choose(node, replace(COLA, id=f"person:{who}"), who, {Topic.LIVED_IN})
    MailAlerts(SmtpMailer("127.0.0.1", free_ports(1)[0], "hearth@kent.example"), AT)(node)
    MailAlerts(mailer, AT)(node)
    assert came.empty(), "not at once"
    page = carrying(create_app(node, mailer=mailer), session_for(node, who)).get("/account/alerts")
    assert "could not be reached. It is tried again" in words_of(page)
    MailAlerts(mailer, AT)(later(node, minutes=2))
    assert "1 new alert" in came.get(timeout=5)


def test_an_email_that_comes_back_is_said_and_none_goes_to_that_address_until_it_is_saved_again(
    node: Node, app: Flask, postbox: tuple[Queue[str], SmtpMailer]
) -> None:
    came, mailer = postbox
    place(node)
    change(node)
    who = make_person(node, (Role.COMMISSIONER, KENT))
    choose(node, replace(COLA, id=f"person:{who}"), who, {Topic.LIVED_IN})
    MailAlerts(mailer, AT)(node)
    receipt = came.get(timeout=5).partition("Message-ID: ")[2].partition("\n")[0].strip()
    with writing(node.node_db) as connection:
        assert came_back(connection, node, RETURNED, receipt, "Nobody has this address")
    page = carrying(create_app(node, mailer=mailer), session_for(node, who)).get("/account/alerts")
    assert "Nobody has this address. It is not tried again" in words_of(page)
    change(node)
    MailAlerts(mailer, AT)(later(node, days=3))
    assert came.empty()
    choose_page(app, node, who, "lived-in")
    MailAlerts(mailer, AT)(later(node, days=3))
    assert "1 new alert" in came.get(timeout=5)


# --- What authorities want ------------------------------------------------------------------------


def test_who_follows_an_authority_is_told_which_parts_changed(
    world: Consortium, app: Flask
) -> None:
    world.say("leeds-node", wants(LEEDS))
    staff = signed_in(app, Role.PROVIDER)
    one = f"/commissioning/{LEEDS}"
    form = {"csrf_token": form_token(staff, one)}
    assert "Stop following Leeds" in words_of(
        staff.post(f"{one}/follow", data={**form, "follow": "yes"}, follow_redirects=True)
    )
    assert "New since" not in words_of(staff.get(one))
    paper = PositionStatement("Homes", "https://leeds.example/mps", date(2026, 11, 1))
    world.say("leeds-node", wants(LEEDS, statement=paper))
    assert "What authorities want 1 changed" in words_of(staff.get("/"))
    assert "Leeds : market position statement" in words_of(staff.get("/commissioning"))
    shown = words_of(staff.post(f"{one}/seen", data=form, follow_redirects=True))
    assert "New since" not in shown
    staff.post(f"{one}/follow", data={**form, "follow": "no"})
    world.say("leeds-node", wants(LEEDS))
    assert "1 changed" not in words_of(staff.get("/"))


def test_who_follows_every_authority_is_told_of_those_that_speak_for_the_first_time(
    world: Consortium, app: Flask
) -> None:
    world.say("leeds-node", wants(LEEDS))
    staff = signed_in(app, Role.PROVIDER)
    form = {"csrf_token": form_token(staff, "/commissioning")}
    staff.post("/commissioning/follow", data={**form, "follow": "yes"})
    assert "1 changed" not in words_of(staff.get("/"))
    world.say("kent-node", wants(KENT))
    assert "Kent : contacts" in words_of(staff.get("/commissioning"))
    assert "You follow every authority" in words_of(staff.get(f"/commissioning/{KENT}"))
    staff.post("/commissioning/follow", data={**form, "follow": "no"})
    assert "You follow" not in words_of(staff.get("/commissioning"))
