"""The page of what lists have changed: every state on a phone, without scripts, by their rules."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.security.rights.roles import Role
from federation import Node
from tests.browser.rules import PHONE, Look, check_both, check_width
from tests.browser.served import served
from tests.directory.lists import home
from tests.directory.test_changes import FIRST, take
from tests.directory.worlds import KENT, two_served

PAGE = f"/authorities/{KENT}/changes"


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    with two_served(tmp_path / "node") as node:
        take(node, tmp_path, "31 March 2024", *FIRST)
        yield node


def work_through(page: Page, site: str, look: Look) -> None:
    """Tick one, mark it, narrow, mark the others, put one back."""
    page.goto(site)
    page.get_by_role("main").get_by_role("link", name="Changes of homes").first.click()
    look(page)
    page.get_by_label("Seen: Wren House").check()
    page.get_by_role("button", name="Mark the ticked as seen").click()
    expect(page.get_by_text("1 change marked as seen")).to_be_visible()
    look(page)
    page.get_by_label("Kind").select_option(label="New (26)")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("link", name="Next")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Mark all 26 as seen").click()
    expect(page.get_by_text("Nothing fits.")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Seen", exact=True).click()
    page.get_by_role("button", name="Put back").first.click()
    expect(page.get_by_text("It waits to be seen again.")).to_be_visible()
    look(page)


@pytest.mark.parametrize("scripts", [True, pytest.param(False, marks=pytest.mark.soak)])
def test_changes_are_worked_through_on_a_phone(
    browser: Browser, node: Node, tmp_path: Path, scripts: bool
) -> None:
    look = check_both if scripts else check_width
    with (
        served(node, Role.COMMISSIONER, KENT) as site,
        browser.new_context(java_script_enabled=scripts, viewport=PHONE) as context,
    ):
        page = context.new_page()
        page.goto(site + PAGE)
        expect(page.get_by_text("There is nothing that nobody has seen")).to_be_visible()
        look(page)
        new = (home(f"91{number:05}", Name="Lark House") for number in range(26))
        changed = home("9000001", Name="Wren House", Places="5")
        take(node, tmp_path, "31 March 2025", changed, *FIRST[2:], *new)
        work_through(page, site, look)
