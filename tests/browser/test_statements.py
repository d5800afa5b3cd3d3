"""A statement of purpose is written, checked and read on a phone, by the rules of every page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.records.release.held import held_records
from directory.records.release.service import release
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, OwnLog, follow, reading, sequence, writing
from tests.browser.rules import PHONE, Look, check_both, check_width
from tests.browser.served import served
from tests.directory.worlds import KENT, a_home, consortium

PAGE = f"/authorities/{KENT}/statements"
HOMES = [a_home(urn, name="Rowan House", places=4) for urn in ("SC100001", "SC100002")]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with consortium(tmp_path_factory.mktemp("statements"), {"kent-node": HOMES}) as one:
        yield one.reader


@pytest.fixture(scope="module")
def site(node: Node) -> Iterator[str]:
    with served(node, Role.COMMISSIONER) as address:
        yield address


def let_out(node: Node) -> None:
    who = operator("bea")
    with reading(node.node_db) as connection:
        waiting = held_records(connection, node, who, KENT)
    with writing(node.node_db) as connection:
        for one in waiting:
            release(connection, node, who, KENT, one.id)
    sequence(node)
    follow(node, node.member, OwnLog(node.node_db))


def day(page: Page, name: str, *parts: str) -> None:
    for part, value in zip(("day", "month", "year"), parts, strict=True):
        page.locator(f"#{name}-{part}").fill(value)


def write(page: Page, site: str, urn: str, look: Look) -> None:
    """From the list to what is handed in, with an error at each step."""
    page.goto(f"{site}{PAGE}?urn=SC999999")
    expect(page.get_by_role("alert")).to_contain_text("There is no home with the URN SC999999")
    look(page)
    page.get_by_label("Write or change the statement").fill(urn)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_role("heading", name="Statement of purpose")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Fill the sections in from a PDF").click()
    page.get_by_role("button", name="Find its sections").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose a PDF or Word document")
    look(page)
    page.get_by_role("link", name="Back to the statement").click()
    page.get_by_role("link", name="Location").click()
    page.get_by_label("What the statement says").fill("Calm. Opposite the park, at LS1 4AP.")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("“Opposite the park”, characters 7 to 23")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Take out what is marked").click()
    expect(page.get_by_text("What was marked is taken out")).to_be_visible()
    look(page)
    page.get_by_label("What the statement says").fill("A calm place with buses to town.")
    page.get_by_role("button", name="Save and continue").click()
    expect(page.get_by_text("The section before this one is saved.")).to_be_visible()
    page.get_by_role("link", name="Back to the statement").click()
    page.get_by_role("button", name="Hand in for release").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be handed in yet")
    look(page)
    page.get_by_role("link", name="When it was revised and reviewed").click()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter the day on which")
    look(page)
    day(page, "revised_on", "2", "11", "2026")
    day(page, "reviewed_on", "2", "11", "2026")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Hand in for release").click()
    expect(page.get_by_text("A second person now reads what is new")).to_be_visible()
    look(page)


def read(page: Page, site: str, urn: str, look: Look) -> None:
    """What members see of it, its versions, and what remains to be done."""
    page.goto(f"{site}/homes/{urn}")
    page.get_by_role("link", name="Statement of purpose", exact=True).last.click()
    expect(page.get_by_role("heading", name="Location")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Earlier versions, and what changed").click()
    expect(page.get_by_text("The first version that is held.")).to_be_visible()
    look(page)
    page.goto(f"{site}{PAGE}/{urn}/ofsted")
    look(page)
    page.goto(site + PAGE)
    expect(page.get_by_text("Ofsted is to be sent the revised statement").first).to_be_visible()
    look(page)


def test_a_statement_is_written_and_read_on_a_phone(page: Page, node: Node, site: str) -> None:
    page.set_viewport_size(PHONE)
    write(page, site, "SC100001", check_both)
    let_out(node)
    read(page, site, "SC100001", check_both)


@pytest.mark.soak
def test_a_statement_is_written_and_read_without_scripts(
    browser: Browser, node: Node, site: str
) -> None:
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        page = context.new_page()
        write(page, site, "SC100002", check_width)
        let_out(node)
        read(page, site, "SC100002", check_width)
