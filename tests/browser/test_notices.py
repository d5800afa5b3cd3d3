"""A notice goes from one authority to the other: on a phone, without scripts, by keyboard alone,
with each page on the way looked at, empty, full and in error.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from sqlalchemy import text

from directory.notices.sent import send_notice
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import writing
from tests.browser.rules import PHONE, Look, check_both, check_width
from tests.browser.served import served
from tests.directory.correspondence import (
    ANSWERS,
    AREA,
    CHILD,
    PLACING,
    Correspondence,
)
from tests.directory.files import PDF
from tests.federation.worlds import a_notice

SENT = f"/authorities/{PLACING}/notices/sent"
INBOX = f"/authorities/{AREA}/notices/received"


@dataclass(frozen=True)
class Desks:
    """The two authorities' pages, each with somebody signed in, and the post between them."""

    post: Correspondence
    placing: str
    area: str

    def empty(self) -> None:
        for node in (self.post.placing, self.post.area):
            with writing(node.node_db) as connection:
                for table in ("sent_notice", "received_notice", "outbox"):
                    connection.execute(text(f"DELETE FROM {table}"))

    def send(self, count: int) -> None:
        """Notices that nobody typed, delivered."""
        node, who = self.post.placing, operator("root")
        with writing(node.node_db) as connection:
            for _ in range(count):
                send_notice(connection, node, who, a_notice(), placing=PLACING, area=AREA)
        self.post.deliver()


@pytest.fixture(scope="module")
def _desks(post: Correspondence) -> Iterator[Desks]:
    with (
        served(post.placing, Role.COMMISSIONER, PLACING) as placing,
        served(post.area, Role.DUTY_OFFICER, AREA) as area,
    ):
        yield Desks(post, placing, area)


@pytest.fixture
def desks(_desks: Desks) -> Desks:
    _desks.empty()
    return _desks


def fill_in(page: Page) -> None:
    for name, value in ANSWERS.items():
        field = page.locator(f'[name="{name}"]')
        if name == "emergency":
            page.get_by_role("group", name="emergency placement").get_by_label("No").check()
        elif name in ("area", "legal_status", "setting"):
            field.select_option(value)
        else:
            field.fill(value.replace("\r", ""))


def send_a_notice(page: Page, desks: Desks, look: Look) -> None:
    """From the empty list of a commissioner to the confirmation."""
    page.goto(desks.placing)
    look(page)
    page.get_by_role("main").get_by_role("link", name="Notices sent").click()
    expect(page.get_by_text("Kent has sent no notices from here yet")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Send a notice").click()
    look(page)
    page.get_by_role("button", name="Continue").click()
    expect(page).to_have_title("Error: Send a notice of a placement – Commonhearth")
    look(page)
    page.get_by_role("link", name="Enter the child’s date of birth").click()
    expect(page.get_by_role("group", name="Date of birth").get_by_label("Day")).to_be_focused()
    fill_in(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check the notice before you send it")
    look(page)
    page.get_by_role("button", name="Change the placement").click()
    page.get_by_label("Address", exact=True).fill("2 Crooked Billet, Leeds")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("2 Crooked Billet, Leeds")).to_be_visible()
    documents = page.get_by_label("Attach documents")
    documents.set_input_files({"name": "p.exe", "mimeType": "application/pdf", "buffer": b"MZ"})
    page.get_by_role("button", name="Send the notice to Leeds").click()
    expect(page).to_have_title("Error: Check the notice before you send it – Commonhearth")
    look(page)
    page.get_by_role("link", name="“p.exe” is a program").click()
    expect(documents).to_be_focused()
    documents.set_input_files({"name": "plan.pdf", "mimeType": "x/y", "buffer": PDF})
    page.get_by_role("button", name="Send the notice to Leeds").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Notice to Leeds is on its way")
    look(page)
    assert not [one for one in CHILD if one in page.url]


def acknowledge_it(page: Page, desks: Desks, look: Look) -> None:
    """From the start page of a duty officer to the confirmation."""
    page.goto(desks.area)
    expect(page.get_by_text("1 not yet acknowledged")).to_be_visible()
    look(page)
    page.get_by_role("main").get_by_role("link", name="Notices received").first.click()
    look(page)
    page.get_by_role("link", name="From Kent").click()
    look(page)
    page.get_by_role("button", name="Open the notice").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose why you open this notice")
    look(page)
    page.get_by_label("The child is missing").check()
    page.get_by_role("button", name="Open the notice").click()
    expect(page.get_by_text("Quillfeather")).to_be_visible()
    expect(page).not_to_have_title("Quillfeather")
    look(page)
    page.get_by_role("button", name="Acknowledge this notice").first.click()
    look(page)
    page.get_by_role("button", name="Send the acknowledgement").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter that person’s telephone number")
    look(page)
    page.get_by_label("Telephone number").fill("0113 496 0000")
    page.get_by_role("button", name="Send the acknowledgement").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Notice acknowledged")
    look(page)
    page.goto(page.url.replace("/acknowledged", "/acknowledge"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("was acknowledged before")
    look(page)


def read_the_answer(page: Page, desks: Desks, look: Look) -> None:
    page.goto(desks.placing + SENT)
    expect(page.get_by_text("Call Sam Sample, Duty officer: 0113 496 0000")).to_be_visible()
    look(page)
    page.get_by_role("link", name="To Leeds").click()
    look(page)
    page.get_by_label("Another reason", exact=True).check()
    page.get_by_label("If another: the reason in your own words").fill("For the review next week")
    page.get_by_role("button", name="Open the notice").click()
    expect(page.get_by_text("Needs a steady school.")).to_be_visible()
    look(page)


def whole_journey(page: Page, desks: Desks, look: Look) -> None:
    page.goto(desks.area + INBOX)
    expect(page.get_by_text("No authority has told Leeds of a child")).to_be_visible()
    look(page)
    send_a_notice(page, desks, look)
    desks.post.deliver()
    acknowledge_it(page, desks, look)
    desks.post.deliver()
    read_the_answer(page, desks, look)
    page.goto(desks.area + INBOX)
    expect(page.get_by_text("Every notice to Leeds has been acknowledged")).to_be_visible()
    look(page)


def test_on_a_phone_each_page_keeps_the_rules(browser: Browser, desks: Desks) -> None:
    complaints: list[str] = []
    with browser.new_context(viewport=PHONE, reduced_motion="reduce") as context:
        page = context.new_page()
        page.on("console", lambda said: complaints.append(said.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        whole_journey(page, desks, check_both)
    # A page in error answers 400 or 409, which the browser remarks on.
    assert [one for one in complaints if "Failed to load resource" not in one] == []


@pytest.mark.soak
def test_without_scripts_on_a_phone(browser: Browser, desks: Desks) -> None:
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        whole_journey(context.new_page(), desks, check_width)


def go_to(page: Page, wanted: Locator) -> None:
    """Press Tab until something has the focus."""
    for _ in range(60):
        if wanted.evaluate("it => it === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"Tab does not lead to {wanted}")


def test_by_keyboard_alone(page: Page, desks: Desks) -> None:
    page.goto(f"{desks.placing}/authorities/{PLACING}/notices/new")
    for name, value in ANSWERS.items():
        if name == "emergency":
            go_to(page, page.locator("#emergency"))
            page.keyboard.press("ArrowRight")  # from Yes to No
            continue
        field = page.locator(f'[name="{name}"]')
        go_to(page, field)
        if name in ("area", "legal_status", "setting"):
            page.keyboard.type(field.locator(f'option[value="{value}"]').inner_text())
        else:
            page.keyboard.insert_text(value.replace("\r", ""))
    go_to(page, page.get_by_role("button", name="Continue"))
    page.keyboard.press("Enter")
    send = page.get_by_role("button", name="Send the notice to Leeds")
    send.wait_for()
    expect(page.get_by_text("Section 31: care order")).to_be_visible()
    go_to(page, send)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Notice to Leeds is on its way")

    desks.post.deliver()
    page.goto(desks.area + INBOX)
    go_to(page, page.get_by_role("link", name="From Kent"))
    page.keyboard.press("Enter")
    go_to(page, page.locator("#reason"))
    page.keyboard.press("Space")
    go_to(page, page.get_by_role("button", name="Open the notice"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("Quillfeather")).to_be_visible()


def test_a_full_inbox_keeps_the_rules_and_leads_on(page: Page, desks: Desks) -> None:
    desks.send(60)
    page.set_viewport_size(PHONE)
    page.goto(desks.area + INBOX)
    expect(page.get_by_text("Due later", exact=True).locator("visible=true").first).to_be_visible()
    check_both(page)
    page.get_by_role("link", name="Next page").click()
    expect(page).to_have_title(
        "Notices received, not yet acknowledged – page 2 of 3 – Commonhearth"
    )
    check_both(page)
    page.goto(desks.placing + SENT)
    page.get_by_role("link", name="Page 3", exact=True).click()
    expect(page.locator(".app-list__item")).to_have_count(10)
    check_both(page)


def test_long_words_break_on_a_phone(page: Page, desks: Desks) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{desks.placing}/authorities/{PLACING}/notices/new")
    fill_in(page)
    for name in ("given_name", "address", "social_worker_name", "care_plan"):
        page.locator(f'[name="{name}"]').fill("W" * 300)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check the notice before you send it")
    check_both(page)


def test_paper_carries_the_notice_and_not_what_is_pressed(page: Page, desks: Desks) -> None:
    desks.send(1)
    page.goto(desks.area + INBOX)
    page.get_by_role("link", name="From Kent").click()
    page.get_by_label("The child is missing").check()
    page.get_by_role("button", name="Open the notice").click()
    page.emulate_media(media="print")
    expect(page.get_by_text("Near that school.")).to_be_visible()
    expect(page.get_by_text("Confidential. It is about a child")).to_be_visible()
    for pressed in ("Acknowledge this notice", "Sign out"):
        expect(page.get_by_role("button", name=pressed).first).to_be_hidden()
