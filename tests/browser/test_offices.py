"""The audit and the node's status: every state on a phone, without scripts, by their rules."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import text

from directory.notices.sent import send_notice
from directory.security.audit.service import note
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import writing
from tests.browser.rules import PHONE, Look, check_both, check_width
from tests.browser.served import served
from tests.directory.correspondence import AREA, PLACING, Correspondence
from tests.federation.worlds import a_notice

AUDIT = f"/authorities/{PLACING}/audit"
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch" * 2


@pytest.fixture(scope="module")
def governance(post: Correspondence) -> Iterator[str]:
    with served(post.placing, Role.GOVERNANCE_OFFICER, PLACING) as address:
        yield address


@pytest.fixture(scope="module")
def administration(post: Correspondence) -> Iterator[str]:
    with served(post.placing, Role.NODE_ADMINISTRATOR) as address:
        yield address


def read_the_audit(page: Page, site: str, look: Look = check_both) -> None:
    """Narrow it, make a mistake, have it checked."""
    page.goto(site)
    page.get_by_role("main").get_by_role("link", name="Audit").click()
    look(page)
    page.get_by_text("Narrow to days, people or records").click()
    page.get_by_role("group", name="From").get_by_label("Day").fill("31")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert")).to_contain_text("First day must include a month and a year")
    look(page)
    page.get_by_role("group", name="From").get_by_label("Day").fill("")
    page.get_by_label("Record").fill("notice/long")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("cell", name=LONG).first).to_be_visible()
    look(page)
    page.get_by_role("button", name="Check that nothing was rewritten").click()
    expect(page.get_by_role("status")).to_contain_text("The audit is sound")
    look(page)


def test_the_audit_empty_and_full(page: Page, post: Correspondence, governance: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(governance + AUDIT)
    expect(page.get_by_text("Nobody has looked at or changed a record of Kent")).to_be_visible()
    check_both(page)
    with writing(post.placing.node_db) as connection:
        for number in range(60):
            note(
                connection,
                post.placing,
                operator("root"),
                "read a notice",
                authority=PLACING,
                record=f"notice/long{number}",
                reason=LONG if number == 59 else "The child is missing",
            )
    read_the_audit(page, governance)
    page.goto(governance + AUDIT)
    page.get_by_role("link", name="Older").click()
    expect(page.get_by_role("link", name="Newest")).to_be_visible()
    check_both(page)


@pytest.mark.soak
def test_the_audit_without_scripts(browser: Browser, post: Correspondence, governance: str) -> None:
    with writing(post.placing.node_db) as connection:
        root = operator("root")
        known = {"authority": PLACING, "record": "notice/long", "reason": LONG}
        note(connection, post.placing, root, "read a notice", **known)
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        read_the_audit(context.new_page(), governance, check_width)


def test_the_node_well_and_ill(page: Page, post: Correspondence, administration: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(administration)
    check_both(page)
    page.get_by_role("main").get_by_role("link", name="Node").click()
    expect(page.get_by_text("Every message has reached its authority")).to_be_visible()
    check_both(page)
    with writing(post.placing.node_db) as connection:
        send_notice(
            connection, post.placing, operator("root"), a_notice(), placing=PLACING, area=AREA
        )
    with writing(post.placing.replica) as connection:
        connection.execute(
            text("UPDATE log SET trouble = :why WHERE node = 'lewisham-node'"), {"why": LONG}
        )
        connection.execute(text("UPDATE log SET verified_at = NULL WHERE node = 'leeds-node'"))
    page.reload()
    for told in ("In trouble", "Catching up", "1, the first queued"):
        expect(page.get_by_text(told)).to_be_visible()
    check_both(page)
