"""Every home is held against what one child needs: on a phone, without scripts, by the rules."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.security.rights.roles import Role
from tests.browser.rules import PHONE, Look, check_both, check_width
from tests.browser.served import served
from tests.directory.worlds import LEEDS, a_home, consortium, says

PUBLISHED = {
    "kent-node": [
        *(a_home(f"SC1000{number:02}", name="Rowan House") for number in range(22)),
        says("SC100000", self_harm="yes"),
        says("SC100001", self_harm="no"),
    ],
    "leeds-node": [a_home("SC200001", authority=LEEDS)],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        consortium(tmp_path_factory.mktemp("consortium"), PUBLISHED) as one,
        served(one.reader, Role.COMMISSIONER) as address,
    ):
        yield address


def match(page: Page, site: str, look: Look) -> None:
    """A mistake, a match of two pages, and an essential criterion made desirable."""
    page.goto(f"{site}/homes")
    if page.get_by_role("button", name="Menu").is_visible():
        page.get_by_role("button", name="Menu").click()
    page.get_by_role("link", name="Match", exact=True).click()
    page.get_by_role("button", name="Match homes").click()
    page.get_by_role("link", name="Say at least one thing").click()
    expect(page.get_by_label("Age in years", exact=True)).to_be_focused()
    look(page)
    page.get_by_label("Self-harm", exact=True).select_option("Essential")
    page.get_by_label("Away from 1", exact=True).fill("LS6")
    page.get_by_role("button", name="Match homes").click()
    expect(page.get_by_role("heading", name="21 of 23 homes")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    page.get_by_role("button", name=re.compile("Make it desirable.*Self-harm")).click()
    expect(page.get_by_role("heading", name="22 of 23 homes")).to_be_visible()
    expect(page.get_by_label("Self-harm", exact=True)).to_have_value("high")
    assert "self-harm" not in page.url


def test_homes_are_matched_on_a_phone(page: Page, site: str) -> None:
    page.set_viewport_size(PHONE)
    match(page, site, check_both)


@pytest.mark.soak
def test_homes_are_matched_without_scripts(browser: Browser, site: str) -> None:
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        match(context.new_page(), site, check_width)
