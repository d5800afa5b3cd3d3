"""Who has to be told of a placement: on a list until they are, by letter or link, or withheld."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import TypeAlias

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, update
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.node.running.emailing import REMINDERS, RETURNED
from directory.notices.models import sent_notice
from directory.notices.reminding.mailing import Remind
from directory.placing.register.due import wants_notice
from directory.placing.register.errors import ToldBefore
from directory.placing.register.finding import kept_placement
from directory.placing.register.service import add_child, add_placement, link_notice
from directory.placing.register.values import ChildFacts, Course, PlacementFacts, Recipient
from directory.placing.telling.links import MailLetters
from directory.placing.telling.models import telling
from directory.placing.telling.rows import told_otherwise
from directory.security.audit.models import audit_row
from directory.security.mail.notify import NotifyMailer
from directory.security.mail.watching import WatchMail
from directory.security.rights.principal import Grant, Principal
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from protocols.notices import Contact
from tests.databases import Databases
from tests.directory.notify_service import NotifyService, notify_service
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, MEDWAY, NOW, two_served

Notify: TypeAlias = tuple[NotifyService, NotifyMailer]
pytestmark = pytest.mark.both_databases(second_is_soak=True)
COLA = Principal("person:cola", "Cola", frozenset({Grant(Role.COMMISSIONER, KENT)}))
TELLING = f"/authorities/{KENT}/telling"
WHY = {"why_here": "To tell those who have to be told of it"}
SECRETS = ("Xanthippe", "Quillwort", "Nowhere Lane", "Mother Quillwort", "K-90210")
CHILD = ChildFacts(
    "K-90210",
    "Xanthippe",
    "Quillwort",
    date(2012, 5, 1),
    legal_status="section 31",
    recipients=(
        Recipient("parents", "Mother Quillwort", "1 Old Road, Kenttown"),
        Recipient("parents", "Father Quillwort"),
        Recipient("gp", "Dr Bones", email="bones@surgery.example"),
        Recipient("previous carer", "Fay Foster", "3 Old Road, Kenttown"),
    ),
)
FACTS = PlacementFacts(
    "children's home",
    "7 Nowhere Lane, Zedtown",
    social_worker=Contact("Wendy Worker", "Social worker", "01632 960101"),
    care_plan="Stays until July.",
)
EMERGENCY = Course(date(2026, 11, 17), "live", MEDWAY, "out of area", emergency=True)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, database_once: Databases) -> Iterator[Flask]:
    with two_served(tmp_path_factory.mktemp("node"), database=database_once) as node:
        yield create_app(node)


@pytest.fixture(scope="module")
def notify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notify]:
    with notify_service(tmp_path_factory.mktemp("notify")) as one:
        yield one


@pytest.fixture
def node(app: Flask) -> Node:
    found: Node = app.extensions["commonhearth.node"]
    return found


@pytest.fixture
def placement(node: Node) -> str:
    return keep(node, EMERGENCY)


@pytest.fixture
def commissioner(app: Flask) -> FlaskClient:
    return signed_in(app, Role.COMMISSIONER, name="Cola Commissioner")


def keep(node: Node, course: Course) -> str:
    with writing(node.node_db) as connection:
        of = add_child(connection, node, COLA, KENT, CHILD)
        return add_placement(connection, node, COLA, KENT, of, course, FACTS)


def listed(client: FlaskClient, placement: str, **said: str) -> TestResponse:
    address = f"{TELLING}/{placement}"
    token = form_token(client, address)
    return client.post(address, data={"csrf_token": token, **WHY, **said})


def do(
    client: FlaskClient, placement: str, number: str, what: str = "", **said: str
) -> TestResponse:
    address = f"{TELLING}/{placement}/{number}"
    token = form_token(client, f"{TELLING}/{placement}")
    return client.post(
        f"{address}/{what}" if what else address, data={"csrf_token": token, **WHY, **said}
    )


def ids(node: Node, placement: str, kind: str) -> list[str]:
    with reading(node.node_db) as connection:
        found = connection.scalars(
            select(telling.c.id)
            .where(telling.c.placement == placement, telling.c.kind == kind)
            .order_by(telling.c.number)
        )
        return list(found)


def state(node: Node, number: str) -> tuple[str, str | None]:
    with reading(node.node_db) as connection:
        row = connection.execute(select(telling).where(telling.c.id == number)).one()
    return row.state, row.how


def test_a_placement_that_nobody_has_opened_yet_is_on_the_list_and_names_nobody(
    node: Node, placement: str, commissioner: FlaskClient
) -> None:
    page = commissioner.get(TELLING)
    assert f"{placement[:4]}".upper() in words_of(page)
    assert "By 24 November 2026" in words_of(page), "five working days from Tuesday"
    assert "9 of 9 recipients still to be told" in words_of(page)
    asked = commissioner.get(f"{TELLING}/{placement}")
    for secret in SECRETS:
        assert secret not in page.text + asked.text
    assert "Choose why you open" in words_of(listed(commissioner, placement, why_here=""))


def test_each_is_shown_by_name_with_the_day_and_the_rule_for_a_reason_that_is_kept(
    node: Node, placement: str, commissioner: FlaskClient
) -> None:
    words = words_of(listed(commissioner, placement))
    for told in ("Mother Quillwort", "Father Quillwort", "Dr Bones", "Medway", "regulation 13(4)"):
        assert told in words
    assert "Nobody named in the register yet" in words, "no school is known"
    with reading(node.node_db) as connection:
        looks = connection.execute(
            select(audit_row.c.reason).where(
                audit_row.c.record == f"placement/{placement}",
                audit_row.c.action == "read a placement",
            )
        ).all()
    assert looks[-1].reason
    again = words_of(commissioner.get(TELLING))
    assert "10 of 10 recipients" in again, "two parents, now that somebody looked"


def test_a_letter_says_what_its_recipient_is_told_by_law_and_no_more(
    node: Node, placement: str, commissioner: FlaskClient
) -> None:
    listed(commissioner, placement)
    (doctor,), (carer,) = ids(node, placement, "gp"), ids(node, placement, "previous carer")
    to_doctor = words_of(do(commissioner, placement, doctor, "letter"))
    assert "1 May 2012" in to_doctor
    assert "Case Review (England) Regulations 2010, regulation 13(2)(g)" in to_doctor
    assert "7 Nowhere Lane" in to_doctor
    to_carer = words_of(do(commissioner, placement, carer, "letter"))
    assert "Fay Foster 3 Old Road Kenttown" in to_carer
    assert "Xanthippe" in to_carer
    for kept in ("1 May 2012", "Nowhere Lane", "Stays until July", "Section 31"):
        assert kept not in to_carer
    (area,) = ids(node, placement, "area authority")
    assert "Stays until July" in words_of(do(commissioner, placement, area, "letter"))


def test_who_was_told_leaves_the_list_and_a_day_to_come_is_refused(
    node: Node, placement: str, commissioner: FlaskClient
) -> None:
    listed(commissioner, placement)
    (doctor,) = ids(node, placement, "gp")
    on = {"told_on-day": "23", "told_on-month": "11", "told_on-year": "2026"}
    refused = do(commissioner, placement, doctor, "tell", do="told", how="letter", **on)
    assert refused.status_code == 400
    assert "Day must be today or in the past" in words_of(refused)
    on["told_on-day"] = "18"
    done = do(commissioner, placement, doctor, "tell", do="told", how="letter", **on)
    assert "Told on 18 November 2026: letter by post" in words_of(done)
    assert state(node, doctor) == ("told", "letter")
    do(commissioner, placement, doctor, "tell", do="again")
    assert state(node, doctor) == ("open", None)


def test_notice_is_withheld_only_from_whom_the_regulation_lets_and_by_two_officers(
    app: Flask, node: Node, placement: str, commissioner: FlaskClient
) -> None:
    listed(commissioner, placement)
    (doctor,), (mother, father) = ids(node, placement, "gp"), ids(node, placement, "parents")
    because = "She would take the child from the home."
    wrong = do(commissioner, placement, doctor, "tell", do="withhold", because=because)
    assert "lets nobody withhold notice from this recipient" in words_of(wrong)
    for one in (mother, father):
        do(commissioner, placement, one, "tell", do="withhold", because=because)
    assert state(node, mother) == ("asked", None)
    assert do(commissioner, placement, mother, "decide", approved="yes").status_code == 403
    officer = signed_in(app, Role.NOMINATED_OFFICER, name="Nomi Officer")
    assert because in words_of(do(officer, placement, mother))
    do(officer, placement, mother, "decide", approved="yes")
    do(officer, placement, father, "decide", approved="no")
    assert (state(node, mother)[0], state(node, father)[0]) == ("withheld", "open")
    assert "approved by Nomi Officer" in words_of(listed(commissioner, placement))
    with reading(node.node_db) as connection:
        rows = str(
            connection.execute(select(telling)).all() + connection.execute(select(audit_row)).all()
        )
    assert because not in rows
    assert "Quillwort" not in rows


def test_a_link_names_no_child_and_opens_with_the_code_alone(
    app: Flask, node: Node, placement: str, commissioner: FlaskClient, notify: Notify
) -> None:
    listed(commissioner, placement)
    (doctor,) = ids(node, placement, "gp")
    queued = do(commissioner, placement, doctor, "tell", do="link")
    code = re.search(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){2}", words_of(queued))
    assert code
    MailLetters(notify[1], "https://hearth.kent.example")(node)
    MailLetters(notify[1], "https://hearth.kent.example")(node)
    every = "\n".join(notify[0].came.get_nowait())
    assert notify[0].came.empty()
    said = re.sub(r"(/told/letters/)[\w-]+", r"\1", every)  # drawn at random: it may spell a word
    for secret in (*SECRETS, code[0], "Bones", "GP", "child", "Zedtown"):
        assert secret not in said.replace("bones@surgery.example", "")
    assert "01632 960101" in said
    link = re.search(r"/told/letters/[A-Za-z0-9_-]{43}", every)
    assert link
    stranger = app.test_client()
    assert "Xanthippe" not in stranger.get(link[0]).text
    assert state(node, doctor) == ("open", None), "to look at a link is not to be told"
    typed = {"csrf_token": form_token(stranger, link[0]), "name": "Dr Bones"}
    wrong = stranger.post(link[0], data={**typed, "code": "BBBB-BBBB-BBBB"})
    assert wrong.status_code == 400
    assert "Xanthippe" not in wrong.text
    opened = stranger.post(link[0], data={**typed, "code": code[0].lower()})
    assert "Xanthippe Quillwort" in words_of(opened)
    assert "no-store" in opened.headers["Cache-Control"]
    assert state(node, doctor) == ("told", "page")
    do(commissioner, placement, doctor, "tell", do="again")
    do(commissioner, placement, doctor, "tell", do="link")
    assert stranger.get(link[0]).status_code == 404, "a newer link ends the one before"


def test_what_is_not_taken_and_what_comes_back_is_told_to_the_officer(
    node: Node, placement: str, commissioner: FlaskClient, notify: Notify
) -> None:
    listed(commissioner, placement)
    (doctor,) = ids(node, placement, "gp")
    do(commissioner, placement, doctor, "tell", do="link")
    MailLetters(None, "https://hearth.kent.example")(node)
    assert "This node sends no email" in words_of(listed(commissioner, placement))
    do(commissioner, placement, doctor, "tell", do="link")
    service, mailer = notify
    service.refuses = (400, "ValidationError", "email_address Not a valid email address")
    MailLetters(mailer, "https://kent.example")(node)
    service.refuses = None
    shown = words_of(listed(commissioner, placement))
    assert "GOV.UK Notify says that it is no email address. Correct the email address" in shown
    do(commissioner, placement, doctor, "tell", do="link")
    MailLetters(mailer, "https://kent.example")(node)
    (number,) = list(service.statuses)[-1:]
    watch = WatchMail(mailer, RETURNED)
    asked = f"GET /v2/notifications/{number}"
    watch(node)
    assert asked not in service.asked, "not at once"
    service.statuses[number] = "permanent-failure"
    watch(replace(node, now=lambda: NOW + timedelta(minutes=2)))
    shown = words_of(listed(commissioner, placement))
    assert "The link sent on 20 November 2026" in shown
    assert "did not arrive. Their mail server knows no such address" in shown
    watch(replace(node, now=lambda: NOW + timedelta(days=2)))
    assert service.asked.count(asked) == 1, "what came back is asked about no more"
    (school,) = ids(node, placement, "school")
    unreachable = do(commissioner, placement, school, "tell", do="link")
    assert "Enter the email address to which the link goes" in words_of(unreachable)


def test_an_end_is_told_to_the_same_people_and_a_short_break_to_nobody(
    node: Node, commissioner: FlaskClient
) -> None:
    ended = keep(
        node,
        Course(date(2026, 6, 1), "ended", MEDWAY, "out of area", ends_on=NOW.date() - timedelta(3)),
    )
    words = words_of(listed(commissioner, ended))
    assert "The end of the placement" in words
    assert "By 1 December 2026: 2010, regulation 14(2)(c)(ii)" in words
    at_home = keep(node, Course(date(2026, 6, 1), "live", KENT, "in area"))
    assert "regulation 13(4)" not in words_of(listed(commissioner, at_home))
    breaks = keep(node, Course(date(2026, 6, 1), "live", MEDWAY, "out of area", short_breaks=True))
    assert "Nobody has to be told" in words_of(listed(commissioner, breaks))


def test_a_sealed_notice_tells_the_area_and_one_that_was_withdrawn_does_not(
    node: Node, placement: str, commissioner: FlaskClient
) -> None:
    row = {"placing_authority": KENT, "area_authority": MEDWAY, "body": b"sealed", "sent_at": NOW}
    with writing(node.node_db) as connection:
        connection.execute(insert(sent_notice).values(id=placement, **row))
        link_notice(connection, node, COLA, KENT, placement, placement)
    assert "8 of 9 recipients" in words_of(commissioner.get(TELLING))
    assert "Told on 20 November 2026: sealed notice" in words_of(listed(commissioner, placement))
    with writing(node.node_db) as connection:
        connection.execute(
            update(sent_notice).where(sent_notice.c.id == placement).values(withdrawn_at=NOW)
        )
    assert "sealed notice" not in words_of(listed(commissioner, placement))
    with writing(node.node_db) as connection:
        assert wants_notice(kept_placement(connection, KENT, placement), told=False)
        link_notice(connection, node, COLA, KENT, placement, "another")
        assert not wants_notice(kept_placement(connection, KENT, placement), told=False)
        with pytest.raises(ToldBefore):
            link_notice(connection, node, COLA, KENT, placement, "a third")


def test_another_authority_on_the_node_sees_nothing(
    app: Flask, node: Node, placement: str, commissioner: FlaskClient
) -> None:
    listed(commissioner, placement)
    (doctor,) = ids(node, placement, "gp")
    meg = signed_in(app, Role.COMMISSIONER, MEDWAY)
    theirs = f"/authorities/{MEDWAY}/telling"
    assert meg.get(f"{TELLING}/{placement}").status_code == 403
    assert meg.get(f"{theirs}/{placement}").status_code == 404
    token = form_token(meg, "/account")
    answer = meg.post(f"{theirs}/{placement}/{doctor}", data={"csrf_token": token, **WHY})
    assert answer.status_code == 404


def test_recipients_are_added_changed_and_removed_on_a_page(
    node: Node, placement: str, commissioner: FlaskClient
) -> None:
    there = f"{TELLING}/{placement}/recipients"

    def say(do: str, **said: str) -> TestResponse:
        token = form_token(commissioner, f"{TELLING}/{placement}")
        return commissioner.post(there, data={"csrf_token": token, **WHY, "do": do, **said})

    listed(commissioner, placement)
    (mother, father) = ids(node, placement, "parents")
    bad = say("add", kind="school", name="Zed School", email="zed", telephone="none")
    assert bad.status_code == 400
    assert "Enter an email address in the correct format" in words_of(bad)
    assert 'value="Zed School"' in bad.text, "what was typed is kept"
    assert "Enter a telephone number" in words_of(bad)
    school = {"kind": "school", "name": "Zed School", "email": "office@zed.example"}
    assert "They are kept" in words_of(say("add", **school))
    assert "Zed School" in words_of(listed(commissioner, placement))
    assert 'value="Zed School"' in say("edit", kind="school", number="0").text
    changed = say("change", kind="school", number="0", name="Alpha School")
    assert "Alpha School" in words_of(changed)
    assert "Zed School" not in words_of(changed)
    assert "told no more" in words_of(say("remove", kind="parents", number="0"))
    shown = words_of(listed(commissioner, placement))
    assert "Mother Quillwort" not in shown
    assert "Father Quillwort" in shown
    assert (state(node, mother)[0], state(node, father)[0]) == ("not needed", "open")
    assert "taken them out meanwhile" in words_of(say("edit", kind="parents", number="0"))
    assert "Choose who they are" in words_of(say("add", kind="area authority", name="Medway"))
    with reading(node.node_db) as connection:
        assert "Alpha" not in str(connection.execute(select(audit_row)).all())


def test_a_backlog_told_before_is_noted_at_once_and_undone(
    node: Node, commissioner: FlaskClient
) -> None:
    mine = keep(node, EMERGENCY)
    other = keep(node, EMERGENCY)
    page = f"{TELLING}/before"
    chosen = commissioner.get(TELLING)
    assert f'value="{mine}"' in chosen.text

    def say(**said: object) -> TestResponse:
        token = form_token(commissioner, page)
        return commissioner.post(page, data={"csrf_token": token, "placement": mine, **said})

    empty = say(step="save")
    for wanted in ("Choose who was told", "Choose of what", "Choose how", "Enter the day"):
        assert wanted in words_of(empty)
    told = {
        "step": "save",
        "kind": ["area authority", "parents"],
        "event": "placement",
        "how": "other system",
        "told_on-day": "18",
        "told_on-month": "11",
        "told_on-year": "2026",
        "by": "Placements team",
        "because": "The letters are in the old case system",
    }
    done = say(**told)
    assert "3 recipients noted as told" in words_of(done)
    assert "Told on 18 November 2026 by Placements team" in words_of(done)
    register = f"/authorities/{KENT}/placements"
    waiting = words_of(commissioner.get(f"{register}?show=all"))
    assert waiting.count("Tell Medway") >= 1
    with reading(node.node_db) as connection:
        assert mine in told_otherwise(connection, KENT)
        assert other not in told_otherwise(connection, KENT)
    assert "Told on 18 November 2026: another system" in words_of(listed(commissioner, mine))
    undo = re.findall(rf'action="({page}/[0-9a-f]{{32}}/undo)"', done.text)[0]
    token = form_token(commissioner, page)
    undone = words_of(commissioner.post(undo, data={"csrf_token": token}))
    assert "3 recipients to be told again" in undone
    assert "Undone by Cola Commissioner" in undone
    with reading(node.node_db) as connection:
        assert mine not in told_otherwise(connection, KENT)
        details = " ".join(connection.scalars(select(audit_row.c.detail)))
    assert "3 told before" in details
    assert "undone" in details
    again = commissioner.post(undo, data={"csrf_token": token})
    assert "This was undone before" in words_of(again)


def test_no_link_leaves_and_nobody_is_reminded_once_the_child_has_died(
    app: Flask, node: Node, placement: str, commissioner: FlaskClient, notify: Notify
) -> None:
    service, mailer = notify
    while not service.came.empty():
        service.came.get_nowait()
    listed(commissioner, placement)
    (area,) = ids(node, placement, "area authority")
    do(commissioner, placement, area, "tell", do="reach", email="desk@medway.example")
    do(commissioner, placement, area, "tell", do="link")
    page = f"/authorities/{KENT}/placements/{placement}"
    why = {
        "reason": "To keep the record of this placement right",
        "csrf_token": form_token(commissioner, page),
    }
    day = {"died_on-day": "17", "died_on-month": "11", "died_on-year": "2026"}
    nobody_yet = commissioner.post(f"{page}/course", data={**why, "became": "died"})
    assert "Enter the day on which the child died" in words_of(nobody_yet)
    noted = words_of(commissioner.post(f"{page}/course", data={**why, **day, "became": "died"}))
    assert "The child died on 17 November 2026" in noted
    assert "Ended 17 November 2026 The child died" in noted
    MailLetters(mailer, "https://kent.example")(node)
    assert service.came.empty()
    assert "Nothing about this child is sent by itself" in words_of(listed(commissioner, placement))
    assert reminded(replace(node, now=lambda: NOW + timedelta(days=9)), notify) == []
    undone = commissioner.post(f"{page}/course", data={**why, "became": "died by mistake"})
    assert "The child died on" not in words_of(undone)
    assert reminded(replace(node, now=lambda: NOW + timedelta(days=9)), notify) != []


def test_an_area_authority_that_opens_nothing_gets_the_link_anew_and_the_placing_is_reminded(
    app: Flask, node: Node, placement: str, commissioner: FlaskClient, notify: Notify
) -> None:
    service, mailer = notify
    while not service.came.empty():
        service.came.get_nowait()
    with writing(node.node_db) as connection:
        connection.execute(update(telling).values(mail=None))
    listed(commissioner, placement)
    (area,) = ids(node, placement, "area authority")
    do(commissioner, placement, area, "tell", do="reach", email="desk@medway.example")
    queued = words_of(do(commissioner, placement, area, "tell", do="link"))
    code = re.search(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){2}", queued)
    assert code
    letters = MailLetters(mailer, "https://kent.example")
    letters(node)
    first = service.came.get_nowait()[2]
    at = NOW
    for step in range(2):
        at += timedelta(days=2)
        assert reminded(replace(node, now=lambda then=at: then), notify) == []
        at += timedelta(days=1, minutes=1)
        there = replace(node, now=lambda then=at: then)
        page = words_of(signed_in(create_app(there), Role.COMMISSIONER).get("/"))
        assert "Still to tell 1 links not opened" in page
        said = reminded(there, notify)
        assert said, "whoever tells of placements"
        assert "not reached by a link" in said[0]
        assert "the link to Medway, sent on" in said[0]
        assert not [one for one in SECRETS if one in said[0]]
        assert reminded(there, notify) == [], "once"
        letters(there)
        assert service.came.qsize() == 1 - step, "one more link, and no third"
        if not step:
            again = service.came.get_nowait()
            assert again[0] == "desk@medway.example"
            link = re.search(r"/told/letters/[A-Za-z0-9_-]{43}", again[2])
            assert link
            assert link[0] not in first
    stranger = create_app(there).test_client()
    typed = {"csrf_token": form_token(stranger, link[0]), "name": "Dee", "code": code[0]}
    assert "Xanthippe" in words_of(stranger.post(link[0], data=typed)), "by the same code"
    assert state(node, area) == ("told", "page")


def reminded(node: Node, notify: Notify) -> list[str]:
    """What those are reminded of who tell of placements; each by a worker that has just begun."""
    Remind(notify[1], "https://kent.example", REMINDERS)(node)
    came = []
    while not notify[0].came.empty():
        came.append("\n".join(notify[0].came.get_nowait()))
    return came
