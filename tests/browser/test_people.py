"""An administrator comes by a link, signs in, invites somebody and shuts them out again: by mouse,
by keyboard, on a phone, without scripts, and with a screen reader's rules kept.
"""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select, update

from directory.security.people import accounts
from directory.security.people.factor_store import read_factors
from directory.security.people.grants import Held
from directory.security.people.models import person, session
from directory.security.people.second_factor import code_at
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from tests.browser.rules import PHONE, check_both, check_width
from tests.browser.served import served
from tests.directory.people import make_person
from tests.directory.worlds import KENT, consortium

PASSWORD = "correct horse battery"
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
ADMINISTRATOR = Held(Role.AUTHORITY_ADMINISTRATOR, KENT)


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with consortium(tmp_path_factory.mktemp("consortium"), {}) as one:
        yield one.reader


@pytest.fixture(scope="module")
def site(node: Node) -> Iterator[str]:
    """Pages that nobody is signed in to."""
    with served(node) as address:
        yield address


@pytest.fixture(scope="module")
def desk(node: Node) -> Iterator[str]:
    """Pages that an administrator of Kent is signed in to, with people in every state."""
    for name in ("Kim Lee", LONG):
        make_person(node, (Role.DUTY_OFFICER, KENT), (Role.COMMISSIONER, KENT), name=name)
    left = make_person(node, (Role.PROVIDER, KENT), name="Lou Left")
    with writing(node.node_db) as connection:
        connection.execute(update(person).where(person.c.id == left).values(disabled_at=node.now()))
    with served(node, Role.AUTHORITY_ADMINISTRATOR) as address:
        yield address


def invited(node: Node, email: str) -> tuple[str, str]:
    """Somebody new who administers Kent: their id, and the path of their link."""
    with writing(node.node_db) as connection:
        account, token = accounts.invite(
            connection, node, operator("root"), email, "Ann Example", ADMINISTRATOR
        )
    return account.id, f"/links/{token}"


def a_code(node: Node, who: str) -> str:
    """What the authenticator shows."""
    with reading(node.node_db) as connection:
        factors = read_factors(connection, node, who)
    return code_at(factors.pending or factors.in_use or b"", node.now())


def set_up(page: Page, node: Node, site: str, email: str) -> None:
    """From a link to being signed in."""
    who, link = invited(node, email)
    page.goto(site + link)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up an authenticator app")
    picture = page.get_by_alt_text("QR code")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("it => it.naturalWidth") > 100
    page.get_by_label("Code").fill(a_code(node, who))
    page.get_by_role("button", name="Continue").click()
    expect(page.locator("#codes li")).to_have_count(10)
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("Signed in as Ann Example")).to_be_visible()


def look_after_people(page: Page, email: str) -> None:
    page.get_by_role("main").get_by_role("link", name="People").click()
    page.get_by_role("button", name="Invite somebody").click()
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter their name")
    page.get_by_label("Name", exact=True).fill("Newcomer")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Role").select_option("Duty officer")
    page.get_by_role("button", name="Invite").click()
    expect(page.locator("#link")).to_contain_text("/links/")
    page.get_by_role("link", name="People of Kent").click()
    page.get_by_role("listitem").filter(has_text=email).get_by_role("link").click()
    page.get_by_role("link", name="Withdraw the role of duty officer").wait_for()
    page.get_by_role("button", name="Disable the account").click()
    page.get_by_role("button", name="Disable the account").click()
    expect(page.get_by_text("The account is disabled.")).to_be_visible()
    page.get_by_role("link", name="Your account").click()
    expect(page.get_by_text("10 left")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You have signed out.")).to_be_visible()


def test_an_administrator_comes_by_a_link_and_looks_after_people(
    page: Page, node: Node, site: str
) -> None:
    set_up(page, node, site, "ann@kent.example")
    look_after_people(page, "new@kent.example")


@pytest.mark.soak
def test_without_scripts_on_a_phone(browser: Browser, node: Node, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page = context.new_page()
    set_up(page, node, site, "without@kent.example")
    look_after_people(page, "phone@kent.example")
    context.close()


def test_signing_in_by_keyboard_leads_on_to_what_was_wanted(
    page: Page, node: Node, site: str
) -> None:
    set_up(page, node, site, "keys@kent.example")
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{site}/account")
    page.get_by_label("Email address").focus()
    page.keyboard.type("keys@kent.example")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Enter the code from your app")
    page.get_by_label("Code").focus()
    with writing(node.node_db) as connection:
        who = connection.scalar(select(person.c.id).where(person.c.email == "keys@kent.example"))
        connection.execute(update(person).where(person.c.id == who).values(totp_step=None))
    page.keyboard.type(a_code(node, str(who)))
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site}/account")


SIGNED_OUT = {
    "sign in": "/sign-in",
    "forgotten": "/sign-in/forgotten",
    "a link that does not work": "/links/xyz",
    "no such page": "/nowhere",
}
SIGNED_IN = {
    "account": "/account",
    "change password": "/account/password",
    "new codes": "/account/recovery-codes",
    "people": f"/authorities/{KENT}/people",
    "invite": f"/authorities/{KENT}/people/invite",
    "not allowed": "/authorities/E08000035/people",
    "nobody": f"/authorities/{KENT}/people/x",
}


def keeps_the_rules(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()
    page.set_viewport_size({"width": 320, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("state", SIGNED_OUT)
def test_pages_for_strangers_keep_the_rules(page: Page, site: str, state: str) -> None:
    page.goto(site + SIGNED_OUT[state])
    keeps_the_rules(page)


@pytest.mark.parametrize("state", SIGNED_IN)
def test_pages_for_people_keep_the_rules(page: Page, desk: str, state: str) -> None:
    page.goto(desk + SIGNED_IN[state])
    keeps_the_rules(page)


def test_an_account_and_each_question_about_it_keep_the_rules(page: Page, desk: str) -> None:
    for name in (LONG, "Lou Left"):
        page.goto(f"{desk}/authorities/{KENT}/people")
        page.get_by_role("link", name=name).click()
        keeps_the_rules(page)
    page.goto(f"{desk}/authorities/{KENT}/people")
    page.get_by_role("link", name=LONG).click()
    address = page.url
    for name in ("Disable the account", re.compile("^Withdraw the role of duty")):
        page.goto(address)
        page.get_by_role("button" if isinstance(name, str) else "link", name=name).click()
        keeps_the_rules(page)
    page.goto(address)
    page.get_by_role("button", name="Give the role").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a role")
    keeps_the_rules(page)


def test_the_steps_of_signing_in_keep_the_rules(page: Page, node: Node, site: str) -> None:
    who, link = invited(node, "steps@kent.example")
    page.goto(site + link)
    keeps_the_rules(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a password")
    keeps_the_rules(page)
    page.get_by_label("New password").fill(PASSWORD)
    page.get_by_label("The same password again").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code").wait_for()
    keeps_the_rules(page)
    page.get_by_label("Code").fill(a_code(node, who))
    page.get_by_role("button", name="Continue").click()
    page.locator("#codes").wait_for()
    keeps_the_rules(page)


@pytest.mark.parametrize("scripts", [True, pytest.param(False, marks=pytest.mark.soak)])
def test_what_was_typed_into_a_form_is_there_when_the_session_ended_before_it_was_sent(
    browser: Browser, node: Node, site: str, scripts: bool
) -> None:
    email = f"late-{scripts}@kent.example".lower()
    look = check_both if scripts else check_width
    with browser.new_context(java_script_enabled=scripts, viewport=PHONE) as context:
        page = context.new_page()
        set_up(page, node, site, email)
        page.goto(f"{site}/authorities/{KENT}/people/invite")
        page.get_by_label("Name", exact=True).fill(LONG)
        page.get_by_label("Email address").fill(f"new-{email}")
        page.get_by_label("Role").select_option("Duty officer")
        with writing(node.node_db) as connection:
            connection.execute(update(session).values(ends_at=node.now()))
        page.get_by_role("button", name="Invite").click()
        expect(page.get_by_text("What you typed is kept for half an hour")).to_be_visible()
        look(page)
        page.get_by_label("Email address").fill(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        with writing(node.node_db) as connection:
            who = connection.scalars(select(person.c.id).where(person.c.email == email)).one()
            connection.execute(update(person).where(person.c.id == who).values(totp_step=None))
        page.get_by_label("Code").fill(a_code(node, who))
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("What you typed is still here")
        expect(page.get_by_text(LONG)).to_be_visible()
        look(page)
        page.get_by_role("button", name="Go on with what you typed").click()
        expect(page.locator("#link")).to_contain_text("/links/")
