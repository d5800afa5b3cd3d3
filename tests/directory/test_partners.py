"""Partners of an authority: told on receipt what they may see, by link and code or sealed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from queue import Queue
from typing import TypeAlias

import msgspec
import pytest
from aiosmtpd.controller import Controller
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Row, delete, select
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.arriving import receive
from directory.cli import main
from directory.demo.consortium import free_ports
from directory.hosting.partners.fanning_out import fan_out
from directory.hosting.partners.fields import FIELDS
from directory.hosting.partners.models import (
    partner,
    partner_opening,
    partner_told,
    told_to_us,
)
from directory.hosting.partners.sending import (
    PAGE_LASTS,
    UNOPENED,
    TellPartners,
    note_returned,
)
from directory.node.running.emailing import RETURNED
from directory.notices.died import note_received
from directory.notices.models import received_notice
from directory.notices.sent import send_notice
from directory.security.audit.models import audit_row
from directory.security.mail.smtp import SmtpMailer
from directory.security.mail.watching import WatchMail
from directory.security.people.models import failed_attempt
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, deliver_due, reading, writing
from protocols.errors import Malformed
from protocols.messages import Message
from protocols.notices import Child, Notice
from protocols.partners import PartnerReceipt, encode_partner_body
from tests.directory.correspondence import CHILD, Correspondence
from tests.directory.notify_service import notify_service
from tests.directory.people import form_token, signed_in
from tests.directory.post import Door
from tests.directory.test_returned_mail import RECEIPT, REPORT
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, LEEDS, LEWISHAM
from tests.federation.worlds import a_notice
from tests.protocols.examples import README

PARTNERS = f"/authorities/{LEEDS}/partners"
INBOX = f"/authorities/{LEEDS}/notices/received"
UNTOLD = f"/authorities/{LEEDS}/partners-told"
TOLD_TO_US = f"/authorities/{LEWISHAM}/told-to-us"
AT = "http://localhost"
SCHOOL = {
    "kind": "virtual-school",
    "name": "Leeds virtual school",
    "telephone": "0113 496 0001",
    "email": "school@partner.example",
    "purpose": "To find a school place",
    "lawful_basis": "Children Act 2004 section 10",
    "sees": ["given-name", "family-name", "starts-on"],
}
REASON = {"reason": "To plan what we do for the child"}


class Postbox:
    """Takes every email that comes, but those to an address that nobody has."""

    def __init__(self) -> None:
        self.came: Queue[tuple[str, str]] = Queue()

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.startswith("nobody@"):
            return "550 No such user"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
        self.came.put((envelope.rcpt_tos[0], envelope.content.decode()))
        return "250 Taken"


Mail: TypeAlias = tuple[Postbox, SmtpMailer]


@pytest.fixture(scope="module")
def postbox() -> Iterator[Mail]:
    box = Postbox()
    server = Controller(
        box, hostname="127.0.0.1", port=free_ports(1)[0], server_hostname="localhost"
    )
    server.start()
    yield box, SmtpMailer("127.0.0.1", server.port, "hearth@leeds.example")
    server.stop()


@pytest.fixture
def leeds(post: Correspondence) -> Node:
    """The node of the area, without a partner or a notice."""
    with writing(post.area.node_db) as connection:
        for table in (partner_opening, partner_told, partner, received_notice, failed_attempt):
            connection.execute(delete(table))
    return post.area


@pytest.fixture(scope="module")
def app(post: Correspondence) -> Flask:
    return create_app(post.area)


@pytest.fixture(scope="module")
def lead(app: Flask) -> FlaskClient:
    return signed_in(app, Role.DUTY_LEAD, LEEDS, name="Lena Lead")


@pytest.fixture(scope="module")
def desk(app: Flask) -> FlaskClient:
    return signed_in(app, Role.DUTY_OFFICER, LEEDS, name="Olu Officer")


def submit(
    browser: FlaskClient, address: str, form: dict[str, object], at: str = ""
) -> TestResponse:
    return browser.post(address, data={**form, "csrf_token": form_token(browser, at or address)})


def add(lead: FlaskClient, **changes: object) -> str:
    """A partner; the address of its page."""
    answer = submit(lead, f"{PARTNERS}/new", {**SCHOOL, **changes})
    assert answer.status_code == 303, words_of(answer)
    return (answer.location or "").partition("?")[0]


def code_of(lead: FlaskClient, page: str) -> str:
    made = submit(lead, f"{page}/code", {}, page)
    found = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}", made.text)
    assert found
    return found[0]


def place(post: Correspondence) -> str:
    """Kent tells Leeds of a child; the notice's id, when it has come."""
    with writing(post.placing.node_db) as connection:
        told = send_notice(
            connection, post.placing, operator("root"), a_child(), placing=KENT, area=LEEDS
        )
    post.deliver()
    return told


def a_child() -> Notice:
    return a_notice(child=Child(CHILD[2], CHILD[0], CHILD[1], date(2012, 4, 9)))


def tell(node: Node, postbox: Mail) -> None:
    TellPartners(postbox[1], AT)(node)


def link_in(postbox: Mail, to: str = "school@partner.example") -> str:
    recipient, text = postbox[0].came.get(timeout=10)
    assert recipient == to
    assert not [one for one in CHILD if one in text], "an email names no child"
    found = re.search(rf"{AT}(/told/[A-Za-z0-9_-]{{43}})", text)
    assert found
    return found[1]


def later(node: Node, by: timedelta) -> Node:
    """The same node, by a clock that is ahead."""
    then: datetime = node.now() + by
    return replace(node, now=lambda: then)


def rows(node: Node) -> list[tuple[str, str]]:
    with reading(node.node_db) as connection:
        found = connection.execute(
            select(partner_told.c.event, partner_told.c.state).order_by(
                partner_told.c.queued_at, partner_told.c.event
            )
        )
        return [(row.event, row.state) for row in found]


def noted(node: Node, action: str) -> list[tuple[str, bool]]:
    with reading(node.node_db) as connection:
        found = connection.execute(
            select(audit_row.c.who_name, audit_row.c.reason)
            .where(audit_row.c.action == action)
            .order_by(audit_row.c.seq)
        )
        return [(row.who_name, row.reason is not None) for row in found]


# --- By link and code -----------------------------------------------------------------------------


def test_a_partner_is_told_on_receipt_and_opens_what_it_may_see(
    post: Correspondence,
    leeds: Node,
    lead: FlaskClient,
    desk: FlaskClient,
    app: Flask,
    postbox: Mail,
) -> None:
    page = add(lead)
    code = code_of(lead, page)
    notice = place(post)
    assert rows(leeds) == [("placed", "waiting")], "in the transaction of the receipt"
    tell(leeds, postbox)
    there = link_in(postbox)

    school = app.test_client()
    asked = school.get(there)
    assert "Open what Leeds has told you" in words_of(asked)
    for looked in (school.head(there), asked, school.post(there)):
        assert not [one for one in CHILD if one in looked.text]
    assert "Not yet opened" in words_of(desk.get(f"{INBOX}/{notice}")), "a scanner opens nothing"

    opened = submit(school, there, {"name": "Tess Teacher", "code": code.lower()})
    shown = words_of(opened)
    assert CHILD[0] in shown
    assert CHILD[1] in shown
    assert "Starts on" in shown
    assert CHILD[2] not in shown
    assert "Care plan" not in shown
    assert "Kent" not in shown
    assert opened.headers["Cache-Control"] == "no-store"
    assert noted(leeds, "open what a partner was told")[-1] == ("Tess Teacher", True)
    told = words_of(desk.get(f"{INBOX}/{notice}"))
    assert "Leeds virtual school Opened Told of the placement" in told
    assert "Opened by Tess Teacher on 20 November 2026" in told


def test_a_partner_of_whom_nobody_said_what_it_may_see_is_told_nothing(
    post: Correspondence, leeds: Node, lead: FlaskClient
) -> None:
    add(lead, sees=[])
    place(post)
    assert rows(leeds) == []
    assert "Told of nothing" in words_of(lead.get(PARTNERS))


def test_nothing_is_told_by_itself_of_a_child_who_died(
    post: Correspondence, leeds: Node, lead: FlaskClient, desk: FlaskClient, postbox: Mail
) -> None:
    add(lead)
    notice = place(post)
    with writing(leeds.node_db) as connection:
        who, died_on = operator("tests"), leeds.now().date()
        note_received(connection, leeds, who, LEEDS, notice, died_on)
    tell(leeds, postbox)
    assert rows(leeds) == [("placed", "failed")]
    assert postbox[0].came.empty()
    assert "Tell them by telephone" in words_of(desk.get(f"{INBOX}/{notice}"))


def test_no_field_that_is_not_on_the_list_can_be_chosen(leeds: Node, lead: FlaskClient) -> None:
    add(lead, sees=["attachments", "given-name"])
    with reading(leeds.node_db) as connection:
        assert connection.scalar(select(partner.c.fields)) == '["given-name"]'


def test_what_a_partner_may_see_no_more_is_gone_from_its_pages_at_once(
    post: Correspondence,
    leeds: Node,
    lead: FlaskClient,
    app: Flask,
    postbox: Mail,
) -> None:
    page = add(lead)
    code = code_of(lead, page)
    place(post)
    tell(leeds, postbox)
    there = link_in(postbox)
    assert submit(lead, page, {**SCHOOL, "sees": ["starts-on"]}).status_code == 303
    shown = words_of(submit(app.test_client(), there, {"name": "Tess", "code": code}))
    assert "Starts on" in shown
    assert CHILD[0] not in shown
    submit(lead, f"{page}/end", {}, page)
    assert app.test_client().get(there).status_code == 404


def test_codes_are_not_guessed(
    post: Correspondence,
    leeds: Node,
    lead: FlaskClient,
    app: Flask,
    postbox: Mail,
) -> None:
    page = add(lead)
    code = code_of(lead, page)
    place(post)
    tell(leeds, postbox)
    there = link_in(postbox)
    guesser = app.test_client()
    for _ in range(5):
        answer = submit(guesser, there, {"name": "Mallory", "code": "BCDF-BCDF-BCDF"})
        assert answer.status_code == 400
    answer = submit(guesser, there, {"name": "Mallory", "code": code})
    assert answer.status_code == 429
    assert CHILD[0] not in answer.text
    assert noted(leeds, "open what a partner was told")[-1:] != [("Mallory", True)]


def test_a_code_or_a_page_that_is_over_opens_nothing(
    post: Correspondence,
    leeds: Node,
    lead: FlaskClient,
    app: Flask,
    postbox: Mail,
) -> None:
    page = add(lead)
    old = code_of(lead, page)
    place(post)
    tell(leeds, postbox)
    there = link_in(postbox)
    code_of(lead, page)
    assert submit(app.test_client(), there, {"name": "T", "code": old}).status_code == 400
    after = create_app(later(leeds, PAGE_LASTS))
    assert after.test_client().get(there).status_code == 404
    assert app.test_client().get("/told/" + "x" * 43).status_code == 404


# --- What follows ---------------------------------------------------------------------------------


def follow_up(node: Node, notice: str, event: str) -> None:
    with writing(node.node_db) as connection:
        fan_out(
            connection,
            node,
            area=LEEDS,
            placing=KENT,
            notice=notice,
            event=event,  # type: ignore[arg-type]
            message=event[0].encode().hex() * 16,
        )


def test_what_follows_reaches_the_same_partners_and_ends_the_pages(
    post: Correspondence,
    leeds: Node,
    lead: FlaskClient,
    app: Flask,
    postbox: Mail,
) -> None:
    page = add(lead)
    code = code_of(lead, page)
    notice = place(post)
    tell(leeds, postbox)
    there = link_in(postbox)
    add(lead, name="Police", email="police@partner.example")
    follow_up(leeds, notice, "changed")
    tell(leeds, postbox)
    changed = link_in(postbox)
    assert CHILD[0] in submit(app.test_client(), changed, {"name": "T", "code": code}).text

    follow_up(leeds, notice, "ended")
    assert app.test_client().get(there).status_code == 404
    tell(leeds, postbox)
    ended = submit(app.test_client(), link_in(postbox), {"name": "T", "code": code})
    assert "has ended" in words_of(ended)
    assert CHILD[0] not in ended.text
    assert postbox[0].came.empty(), "who was told nothing need not learn that it ended"


def test_who_was_not_told_before_it_was_withdrawn_is_not_told_at_all(
    post: Correspondence, leeds: Node, lead: FlaskClient, postbox: Mail
) -> None:
    add(lead)
    notice = place(post)
    follow_up(leeds, notice, "withdrawn")
    tell(leeds, postbox)
    assert rows(leeds) == [("placed", "over")]
    assert postbox[0].came.empty()


# --- What does not arrive -------------------------------------------------------------------------


def test_an_address_that_is_refused_comes_back_and_is_told_by_telephone(
    post: Correspondence,
    leeds: Node,
    lead: FlaskClient,
    desk: FlaskClient,
    postbox: Mail,
) -> None:
    add(lead, email="nobody@partner.example")
    notice = place(post)
    tell(leeds, postbox)
    assert "Partner not reached" in words_of(desk.get(INBOX))
    assert "Partners not reached 1 to tell" in words_of(desk.get("/"))
    shown = words_of(desk.get(f"{INBOX}/{notice}"))
    assert "does not take it (SMTP 550)" in shown
    assert "Call 0113 496 0001" in shown
    with reading(leeds.node_db) as connection:
        told = connection.scalar(select(partner_told.c.id))
    submit(desk, f"{UNTOLD}/{notice}/{told}/by-telephone", {}, f"{UNTOLD}/not-reached")
    assert "Told by telephone" in words_of(desk.get(f"{INBOX}/{notice}"))
    assert "Partner not reached" not in words_of(desk.get(INBOX))


def test_a_page_that_nobody_opens_comes_back_and_a_new_link_takes_its_place(
    post: Correspondence,
    leeds: Node,
    lead: FlaskClient,
    desk: FlaskClient,
    app: Flask,
    postbox: Mail,
) -> None:
    code = code_of(lead, add(lead))
    notice = place(post)
    tell(leeds, postbox)
    first = link_in(postbox)
    tell(later(leeds, UNOPENED), postbox)
    assert "Nobody has opened it for 3 days" in words_of(desk.get(f"{INBOX}/{notice}"))
    with reading(leeds.node_db) as connection:
        told = connection.scalar(select(partner_told.c.id))
    submit(desk, f"{UNTOLD}/{notice}/{told}/again", {}, f"{UNTOLD}/not-reached")
    tell(leeds, postbox)
    second = link_in(postbox)
    assert app.test_client().get(first).status_code == 404
    assert CHILD[0] in submit(app.test_client(), second, {"name": "T", "code": code}).text


def test_a_mail_server_that_is_away_is_tried_again(
    post: Correspondence,
    leeds: Node,
    lead: FlaskClient,
    desk: FlaskClient,
    postbox: Mail,
) -> None:
    add(lead)
    notice = place(post)
    away = SmtpMailer("127.0.0.1", free_ports(1)[0], "hearth@leeds.example")
    TellPartners(away, AT)(leeds)
    assert "could not be reached. It is tried again" in words_of(desk.get(f"{INBOX}/{notice}"))
    tell(leeds, postbox)
    assert postbox[0].came.empty(), "not at once"
    tell(later(leeds, timedelta(minutes=2)), postbox)
    assert link_in(postbox)


# --- Sealed, to a node ----------------------------------------------------------------------------


def test_a_partner_with_a_node_is_told_sealed_and_its_opening_comes_back(
    post: Correspondence,
    leeds: Node,
    lead: FlaskClient,
    desk: FlaskClient,
    postbox: Mail,
) -> None:
    lewisham = post.world.nodes["lewisham-node"]
    with writing(lewisham.node_db) as connection:
        connection.execute(delete(told_to_us))
    add(lead, email="", member=LEWISHAM, kind="youth-justice", name="Lewisham")
    notice = place(post)
    tell(leeds, postbox)
    deliver_due(leeds, Door(lewisham, leeds.member))
    there = signed_in(create_app(lewisham), Role.DUTY_OFFICER, LEWISHAM, name="Lou")
    listed = there.get(TOLD_TO_US)
    assert "From Leeds" in words_of(listed)
    assert not [one for one in CHILD if one in listed.text]
    found = re.search(rf"{TOLD_TO_US}/{LEEDS}/[0-9a-f]{{32}}", listed.text)
    assert found
    assert CHILD[0] not in there.get(found[0]).text
    shown = words_of(submit(there, found[0], REASON))
    assert CHILD[0] in shown
    assert CHILD[2] not in shown
    assert "Kent" not in shown
    deliver_due(lewisham, Door(leeds, lewisham.member))
    assert "Opened by Lou on" in words_of(desk.get(f"{INBOX}/{notice}"))


def test_a_receipt_for_what_was_not_told_to_its_sender_is_refused(
    post: Correspondence, leeds: Node, lead: FlaskClient, postbox: Mail
) -> None:
    add(lead, email="", member=LEWISHAM, name="Lewisham")
    place(post)
    tell(leeds, postbox)
    with reading(leeds.node_db) as connection:
        sent = connection.scalar(select(partner_told.c.dispatch))
    body = encode_partner_body(PartnerReceipt("To show", "a law", sent, leeds.now(), "Mallory"))
    now = leeds.now()
    forged = Message(1, "f" * 32, KENT, LEEDS, now, now + timedelta(days=1), msgspec.Raw(body))
    with pytest.raises(Malformed), writing(leeds.node_db) as connection:
        receive(connection, leeds, forged, now)


def test_a_partner_is_reached_one_way(lead: FlaskClient) -> None:
    for wrong in ({"email": "", "member": ""}, {"member": LEWISHAM}, {"email": "x"}):
        assert submit(lead, f"{PARTNERS}/new", {**SCHOOL, **wrong}).status_code == 400
    answer = submit(lead, f"{PARTNERS}/new", {**SCHOOL, "email": "", "member": LEEDS})
    assert answer.status_code == 400, "not ourselves"


def test_every_field_of_the_published_list_is_in_the_specification() -> None:
    text = README.read_text("utf-8")
    assert [one for one in FIELDS if f"`{one}`" not in text] == []


def test_an_email_that_comes_back_is_shown_at_the_notice_and_told_again(
    post: Correspondence, leeds: Node, lead: FlaskClient, desk: FlaskClient, tmp_path: Path
) -> None:
    add(lead, email="nobody@partner.example")
    notice = place(post)
    with notify_service(tmp_path) as (service, mailer):
        TellPartners(mailer, AT)(leeds)
        (row,) = told_rows(leeds)
        watch = WatchMail(mailer, RETURNED)
        watch(later(leeds, timedelta(minutes=2)))
        shown = words_of(desk.get(f"{INBOX}/{notice}"))
        assert "Not reached" in shown
        assert "The email did not arrive. Their mail server knows no such address" in shown
        assert "Call 0113 496 0001, or tell them again" in shown
        with writing(leeds.node_db) as connection:
            late = (connection, leeds, row.id, row.sent_at - timedelta(1), "of an earlier one")
            note_returned(*late)
        assert "of an earlier one" not in words_of(desk.get(f"{INBOX}/{notice}"))
        assert not [one for one in CHILD if one.encode() in b"".join(service.received)]


def test_what_a_mail_server_sends_back_is_noted_at_the_notice_that_it_is_of(
    post: Correspondence, leeds: Node, lead: FlaskClient, desk: FlaskClient, postbox: Mail
) -> None:
    add(lead)
    notice = place(post)
    tell(leeds, postbox)
    _, text = postbox[0].came.get(timeout=10)
    found = re.search(r"^Message-ID: (<\S+>)", text, re.MULTILINE)
    assert found
    report = REPORT.replace(RECEIPT, found[1]).encode()
    for noted in ("Noted where it was sent from", "Nothing of this node's was sent back"):
        took = ["returned-mail", "--data-dir", str(leeds.folder)]
        ended = CliRunner().invoke(main, took, input=report)
        assert (ended.exit_code, noted in ended.output) == (0, True), ended.output
    shown = words_of(desk.get(f"{INBOX}/{notice}"))
    assert "did not arrive. Their mail server knows no such address (5.1.1)" in shown


def told_rows(node: Node) -> Sequence[Row[tuple[object, ...]]]:
    with reading(node.node_db) as connection:
        return connection.execute(select(partner_told)).all()
