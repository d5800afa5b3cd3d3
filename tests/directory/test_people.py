"""Looking after people: who may, for whom, and what cannot be taken over that way."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from queue import Queue

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, select

from directory.app import create_app
from directory.database import migrate
from directory.demo.consortium import free_ports
from directory.homes.projection import project
from directory.security.audit.models import audit_row
from directory.security.mail.smtp import SmtpMailer
from directory.security.people import accounts
from directory.security.people.errors import (
    AlreadyGranted,
    LastAdministrator,
    OwnRoles,
    WorksElsewhere,
)
from directory.security.people.grants import Held
from directory.security.people.link_mail import About, send_link
from directory.security.people.models import person, role_grant
from directory.security.rights.errors import NotAllowed
from directory.security.rights.principal import Grant, Principal, operator
from directory.security.rights.roles import Role
from federation import (
    Node,
    adopt_charter,
    found_charter,
    initialise,
    new_charter_key,
    open_node,
    reading,
    writing,
)
from tests.deploy.private_ca import PrivateAuthority, make_authority
from tests.directory.people import carrying, form_token, make_person, session_for, signed_in
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, MEDWAY, NOW, two_served

ADMINISTRATOR = (Role.AUTHORITY_ADMINISTRATOR, KENT)
ROOT = operator("root")
PEOPLE = f"/authorities/{KENT}/people"


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with two_served(tmp_path_factory.mktemp("node")) as node:
        yield node


@pytest.fixture
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture
def desk(app: Flask) -> FlaskClient:
    """The browser of an administrator of Kent."""
    return signed_in(app, *ADMINISTRATOR)


def administrator(node: Node, *held: tuple[Role, str | None]) -> Principal:
    held = held or (ADMINISTRATOR,)
    who = make_person(node, *held)
    return Principal(f"person:{who}", "Pat", frozenset(Grant(*one) for one in held))


def send(browser: FlaskClient, address: str, **fields: str):
    data = {"csrf_token": form_token(browser, PEOPLE), **fields}
    return browser.post(address, data=data)


def noted(node: Node, who: str) -> list[str]:
    """What the audit says was done to somebody's account."""
    with reading(node.node_db) as connection:
        rows = connection.execute(
            select(audit_row.c.action)
            .where(audit_row.c.record == f"person/{who}")
            .order_by(audit_row.c.seq)
        )
        return list(rows.scalars())


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/account").status_code == 200


# --- On the pages ---------------------------------------------------------------------------------


def test_somebody_is_invited_given_a_role_and_disabled(node: Node, desk: FlaskClient) -> None:
    fields = {"name": "Kim Lee", "email": "Kim@Kent.example", "role": "duty officer"}
    answer = send(desk, f"{PEOPLE}/invite", **fields)
    link = answer.text.partition('id="link">')[2].partition("<")[0]
    assert link.startswith("http://localhost/links/")
    assert desk.get(link.removeprefix("http://localhost")).status_code == 200

    listed = words_of(desk.get(PEOPLE))
    assert "Kim Lee Invited kim@kent.example Duty officer" in listed
    with reading(node.node_db) as connection:
        who = connection.scalar(select(person.c.id).where(person.c.email == "kim@kent.example"))
    one = f"{PEOPLE}/{who}"
    assert send(desk, f"{one}/roles", role="commissioner").location == f"{one}?done=granted"
    assert "Commissioner" in words_of(desk.get(one))
    send(desk, f"{one}/roles/commissioner/withdraw")
    assert send(desk, f"{one}/disable").location == f"{one}?done=disabled"
    assert "Disabled" in words_of(desk.get(one))
    assert desk.get(link.removeprefix("http://localhost")).status_code == 404
    changes = [action for action in noted(node, str(who)) if action != "see an account"]
    assert changes == [
        *("grant a role", "make a link", "grant a role", "withdraw a role", "disable an account"),
    ]


@pytest.mark.parametrize(
    ("field", "value", "why"),
    [
        ("email", "kim", "Enter an email address"),
        ("email", "kim@kent.example\nbcc: x@evil.example", "Enter an email address"),
        ("email", "", "Enter their email address"),
        ("name", "", "Enter their name"),
        ("name", "x" * 101, "100 characters at most"),
        ("role", "", "Choose a role"),
        ("role", "node administrator", "Choose a role from the list"),
        ("role", "operator", "Choose a role from the list"),
        ("role", "provider", "Choose a role from the list"),
    ],
)
def test_a_mistake_is_shown_beside_its_field_and_nothing_typed_is_lost(
    desk: FlaskClient, field: str, value: str, why: str
) -> None:
    fields = {"name": "Kim Lee", "email": "new@kent.example", "role": "commissioner", field: value}
    answer = send(desk, f"{PEOPLE}/invite", **fields)
    assert answer.status_code == 400
    assert words_of(answer).count(why) == 2, "in the summary and beside the field"
    assert field == "name" or 'value="Kim Lee"' in answer.text


def test_a_leaver_is_out_at_the_next_request(node: Node, app: Flask, desk: FlaskClient) -> None:
    who = make_person(node, (Role.DUTY_OFFICER, KENT))
    leaver = carrying(app, session_for(node, who))
    assert is_in(leaver)
    send(desk, f"{PEOPLE}/{who}/disable")
    assert not is_in(leaver)


def test_a_disabled_account_is_shut_even_where_a_session_was_left(node: Node, app: Flask) -> None:
    who = make_person(node, (Role.DUTY_OFFICER, KENT))
    leaver = carrying(app, session_for(node, who))
    with writing(node.node_db) as connection:
        connection.execute(person.update().where(person.c.id == who).values(disabled_at=NOW))
    assert not is_in(leaver)


def test_an_administrator_of_one_authority_sees_nobody_of_another(
    node: Node, desk: FlaskClient
) -> None:
    other = make_person(node, (Role.COMMISSIONER, MEDWAY), name="Zebedee Elsewhere")
    assert "Zebedee" not in desk.get(PEOPLE).text
    assert desk.get(f"{PEOPLE}/{other}").status_code == 404
    assert desk.get(f"/authorities/{MEDWAY}/people/{other}").status_code == 403
    for deed in ("disable", "link", "open", "roles/commissioner/withdraw"):
        assert send(desk, f"{PEOPLE}/{other}/{deed}").status_code in (403, 404, 409), deed
    assert noted(node, other) == []


def test_a_team_for_two_authorities_chooses_whose_records(node: Node, app: Flask) -> None:
    who = make_person(node, ADMINISTRATOR, (Role.AUTHORITY_ADMINISTRATOR, MEDWAY))
    shown = carrying(app, session_for(node, who)).get("/choose/people.everyone")
    assert f'href="/authorities/{KENT}/people"' in shown.text
    assert f'href="/authorities/{MEDWAY}/people"' in shown.text


def test_the_navigation_shows_what_one_may(app: Flask, desk: FlaskClient) -> None:
    assert f'href="{PEOPLE}"' in desk.get("/homes").text
    assert f'href="{PEOPLE}"' not in signed_in(app, Role.COMMISSIONER).get("/homes").text


# --- What cannot be taken over --------------------------------------------------------------------


def test_nobody_changes_their_own_roles(node: Node) -> None:
    who = administrator(node)
    own = who.id.removeprefix("person:")
    for change in (
        lambda c: accounts.grant(c, node, who, own, Held(Role.COMMISSIONER, KENT)),
        lambda c: accounts.withdraw(c, node, who, own, Held(*ADMINISTRATOR)),
        lambda c: accounts.disable(c, node, who, own),
        lambda c: accounts.new_link(c, node, who, own),
    ):
        with pytest.raises(OwnRoles), writing(node.node_db) as connection:
            change(connection)


@pytest.mark.parametrize(
    "held",
    [
        Held(Role.COMMISSIONER, MEDWAY),
        Held(Role.NODE_ADMINISTRATOR, None),
        Held(Role.OPERATOR, None),
        Held(Role.NOBODY, KENT),
    ],
)
def test_an_administrator_grants_only_for_their_own_authority(node: Node, held: Held) -> None:
    who, other = administrator(node), make_person(node, (Role.COMMISSIONER, KENT))
    with pytest.raises(NotAllowed), writing(node.node_db) as connection:
        accounts.grant(connection, node, who, other, held)


def test_not_even_the_node_s_administrators_make_another(node: Node) -> None:
    who = administrator(node, (Role.NODE_ADMINISTRATOR, None))
    other = make_person(node, (Role.COMMISSIONER, KENT))
    with pytest.raises(NotAllowed), writing(node.node_db) as connection:
        accounts.grant(connection, node, who, other, Held(Role.NODE_ADMINISTRATOR, None))


@pytest.mark.parametrize(
    "elsewhere", [(Role.COMMISSIONER, MEDWAY), (Role.NODE_ADMINISTRATOR, None)]
)
def test_an_account_that_opens_more_is_not_taken_over_by_a_link(
    node: Node, elsewhere: tuple[Role, str | None]
) -> None:
    who, other = administrator(node), make_person(node, (Role.COMMISSIONER, KENT), elsewhere)
    for change in (
        lambda c: accounts.new_link(c, node, who, other),
        lambda c: accounts.new_link(c, node, who, other, afresh=True),
        lambda c: accounts.disable(c, node, who, other),
        lambda c: accounts.enable(c, node, who, other),
    ):
        with pytest.raises(WorksElsewhere), writing(node.node_db) as connection:
            change(connection)
    with writing(node.node_db) as connection:
        accounts.withdraw(connection, node, who, other, Held(Role.COMMISSIONER, KENT))


def test_inviting_who_has_an_account_makes_no_link_to_it(node: Node) -> None:
    who, other = administrator(node), make_person(node, (Role.COMMISSIONER, MEDWAY))
    with writing(node.node_db) as connection:
        email = connection.scalar(select(person.c.email).where(person.c.id == other))
        held = Held(Role.COMMISSIONER, KENT)
        _, token = accounts.invite(connection, node, who, str(email), "Another Name", held)
        assert token is None
    with pytest.raises(AlreadyGranted), writing(node.node_db) as connection:
        accounts.invite(connection, node, who, str(email), "Another Name", held)


def test_a_withdrawn_role_is_gone_at_once(node: Node, app: Flask) -> None:
    who = make_person(node, (Role.COMMISSIONER, KENT), (Role.PROVIDER, KENT))
    browser = carrying(app, session_for(node, who))
    with writing(node.node_db) as connection:
        accounts.withdraw(connection, node, ROOT, who, Held(Role.COMMISSIONER, KENT))
    assert not is_in(browser)


@pytest.mark.parametrize("role", [Role.AUTHORITY_ADMINISTRATOR, Role.NODE_ADMINISTRATOR])
def test_the_last_administrator_is_not_removed_without_warning(tmp_path: Path, role: Role) -> None:
    folder = tmp_path / "node"
    member = initialise(folder, "kent", "http://127.0.0.1:9/kent", {KENT: "Kent"})
    adopt_charter(folder, found_charter("One", [member], {}, [new_charter_key("tests")], NOW), NOW)
    migrate(folder)
    node = open_node(folder, project, lambda *_: None, now=lambda: NOW)
    held = Held(role, KENT if role is Role.AUTHORITY_ADMINISTRATOR else None)
    last = make_person(node, (held.role, held.authority))
    for change in (
        lambda c, **even: accounts.withdraw(c, node, ROOT, last, held, **even),
        lambda c, **even: accounts.disable(c, node, ROOT, last, **even),
    ):
        with pytest.raises(LastAdministrator), writing(node.node_db) as connection:
            change(connection)
    with writing(node.node_db) as connection:
        accounts.disable(connection, node, ROOT, last, even_last=True)
    node.close()


def test_the_page_asks_again_before_nobody_is_left(node: Node, app: Flask) -> None:
    with writing(node.node_db) as connection:
        connection.execute(delete(role_grant).where(role_grant.c.authority == MEDWAY))
    last = make_person(node, (Role.AUTHORITY_ADMINISTRATOR, MEDWAY))
    browser = signed_in(app, Role.NODE_ADMINISTRATOR)
    address = f"/authorities/{MEDWAY}/people/{last}/disable"
    token = form_token(browser, "/account")
    answer = browser.post(address, data={"csrf_token": token})
    assert (answer.status_code, "nobody else could invite people" in words_of(answer)) == (
        409,
        True,
    )
    answer = browser.post(address, data={"csrf_token": token, "even_last": "yes"})
    assert answer.status_code == 302


# --- One's own account ----------------------------------------------------------------------------


def test_sessions_are_listed_and_ended(node: Node, app: Flask) -> None:
    who = make_person(node, (Role.PROVIDER, KENT))
    here, there = (carrying(app, session_for(node, who)) for _ in range(2))
    page = here.get("/account").text
    assert page.count("Firefox on Linux") == 3, "both, and a button for the other"
    action = page.partition('action="/account/sessions/')[2].partition('"')[0]
    answer = here.post(
        f"/account/sessions/{action}", data={"csrf_token": form_token(here, "/account")}
    )
    assert answer.location == "/account?done=session"
    assert (is_in(here), is_in(there)) == (True, False)
    assert noted(node, who) == ["end a session"]


def test_nobody_ends_the_session_of_another(node: Node, app: Flask) -> None:
    one, other = (signed_in(app, Role.PROVIDER), make_person(node, (Role.PROVIDER, KENT)))
    theirs = carrying(app, session_for(node, other))
    carrying(app, session_for(node, other))
    action = theirs.get("/account").text.partition('action="/account/sessions/')[2]
    named = action.partition("/")[0]
    data = {"csrf_token": form_token(one, "/account")}
    assert one.post(f"/account/sessions/{named}/end", data=data).status_code == 404
    assert is_in(theirs)


@pytest.mark.parametrize("page", ["password", "second-factor", "recovery-codes"])
def test_what_matters_wants_the_password_again(app: Flask, page: str) -> None:
    browser = signed_in(app, Role.PROVIDER)
    data = {"csrf_token": form_token(browser, "/account"), "current": "a guess of mine"}
    data |= {"password": "three random words", "again": "three random words"}
    answer = browser.post(f"/account/{page}", data=data)
    assert (answer.status_code, "This is not your password" in words_of(answer)) == (400, True)


# --- Mail -----------------------------------------------------------------------------------------


class Postbox:
    """Takes every email that comes."""

    def __init__(self) -> None:
        self.came: Queue[tuple[list[str], str]] = Queue()

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802 - the library's name
        self.came.put((envelope.rcpt_tos, envelope.content.decode()))
        return "250 Taken"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> PrivateAuthority:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def postbox(authority: PrivateAuthority) -> Iterator[tuple[Postbox, int]]:
    """A mail server of this machine's, which wants TLS."""
    box = Postbox()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(authority.certificate, authority.key)
    server = Controller(
        box,
        hostname="127.0.0.1",
        port=free_ports(1)[0],
        tls_context=tls,
        require_starttls=True,
        server_hostname="localhost",
    )
    server.start()
    yield box, server.port
    server.stop()


@pytest.fixture
def mailing(node: Node, postbox: tuple[Postbox, int], authority: PrivateAuthority) -> Flask:
    mailer = SmtpMailer("localhost", postbox[1], "hearth@kent.example", ca_bundle=authority.bundle)
    return create_app(node, mailer=mailer)


def ask(browser: FlaskClient, email: str):
    data = {"csrf_token": form_token(browser, "/sign-in/forgotten"), "email": email}
    return browser.post("/sign-in/forgotten", data=data)


def test_a_forgotten_password_is_chosen_anew_by_a_link_that_comes_by_email(
    node: Node, mailing: Flask, postbox: tuple[Postbox, int]
) -> None:
    who, browser = make_person(node, (Role.COMMISSIONER, KENT)), mailing.test_client()
    with reading(node.node_db) as connection:
        email = str(connection.scalar(select(person.c.email).where(person.c.id == who)))
    told = {words_of(ask(browser, one)) for one in (email, "nobody@kent.example")}
    assert len(told) == 1, "enumeration: the same is said to everybody"
    recipients, text = postbox[0].came.get(timeout=20)
    assert recipients == [email]
    assert postbox[0].came.empty()
    assert "Sam Sample" not in text
    link = text.partition("http://localhost")[2].split()[0]
    assert browser.get(link).status_code == 200
    assert noted(node, who) == ["ask for a link"]


def test_an_invitation_goes_by_email_and_its_link_is_shown_to_nobody_else(
    mailing: Flask, postbox: tuple[Postbox, int]
) -> None:
    desk = signed_in(mailing, *ADMINISTRATOR)
    fields = {"name": "Al", "email": "al@kent.example", "role": "commissioner"}
    answer = send(desk, f"{PEOPLE}/invite", **fields)
    assert "/links/" not in answer.text
    assert postbox[0].came.get(timeout=20)[0] == ["al@kent.example"]


def test_where_no_email_can_be_sent_the_administrator_hands_the_link_over(node: Node) -> None:
    app = create_app(node, mailer=SmtpMailer("127.0.0.1", 9, "hearth@kent.example"))
    fields = {"name": "Bo", "email": "bo@kent.example", "role": "commissioner"}
    answer = send(signed_in(app, *ADMINISTRATOR), f"{PEOPLE}/invite", **fields)
    assert "The email could not be sent" in words_of(answer)
    assert "/links/" in answer.text


def test_without_a_mail_server_the_page_says_whom_to_ask(app: Flask) -> None:
    answer = app.test_client().get("/sign-in/forgotten")
    assert "Ask an administrator of your authority" in words_of(answer)


def test_an_email_is_not_sent_to_a_server_that_cannot_prove_itself(
    node: Node, postbox: tuple[Postbox, int]
) -> None:
    stranger = SmtpMailer("localhost", postbox[1], "hearth@kent.example")
    assert not send_link(
        stranger, "al@kent.example", About.INVITATION, "https://kent.example/links/x"
    )
    assert postbox[0].came.empty()
