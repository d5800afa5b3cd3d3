"""The navigation: by keyboard, on a phone, and without scripts."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.security.rights.roles import Role
from tests.browser.rules import PHONE, check_width
from tests.browser.served import served
from tests.directory.worlds import two_served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with two_served(tmp_path_factory.mktemp("node")) as node, served(node, Role.COMMISSIONER) as at:
        yield at


def test_the_navigation_is_gone_through_by_keyboard(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    for name in ("Commonhearth", "Start", "Find a home", "Match", "Shortlists"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("banner").get_by_role("link", name=name)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Shortlists")
    here = page.get_by_role("banner").get_by_role("link", name="Shortlists")
    expect(here).to_have_attribute("aria-current", "page")
    page.set_viewport_size(PHONE)
    menu = page.get_by_role("button", name="Menu")
    menu.focus()
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("aria-expanded", "true")
    expect(here).to_be_visible()


def test_the_navigation_stands_open_on_a_phone_without_scripts(browser: Browser, site: str) -> None:
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        page = context.new_page()
        page.goto(site)
        check_width(page)
        page.get_by_role("banner").get_by_role("link", name="Notices sent").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Notices sent")
