"""Weighing homes on a shortlist: every state on a phone, without scripts, by their rules."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.security.rights.roles import Role
from tests.browser.rules import PHONE, Look, check_both, check_width
from tests.browser.served import served
from tests.directory.visiting import HOMES
from tests.directory.worlds import KENT, consortium


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with (
        consortium(tmp_path_factory.mktemp("weighing"), HOMES) as world,
        served(world.reader, Role.COMMISSIONER, KENT) as address,
    ):
        yield address


def work_through(page: Page, site: str, look: Look, called: str) -> None:
    """Begin one from a home, add another, make a mistake, decide, open again."""
    page.goto(f"{site}/homes/SC100001")
    page.get_by_role("link", name="Weigh this home on a shortlist").click()
    look(page)
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter what you call this search")
    look(page)
    page.get_by_label("What you call this search").fill(called)
    page.get_by_role("button", name="Begin").click()
    look(page)
    for urn in ("SC100001", "SC100005"):
        page.get_by_label("The home’s URN").fill(urn)
        page.get_by_label("Why this home is weighed").fill("It is near the school. " * 9)
        page.get_by_role("button", name="Add", exact=True).click()
        expect(page.get_by_text("The home is on the shortlist.")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Keep the decision").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose the home")
    look(page)
    page.get_by_role("group", name="Which home", exact=True).get_by_label("Rowan House").check()
    page.get_by_label("Why you decided so").fill("It has therapy, and a place.")
    page.get_by_role("button", name="Keep the decision").click()
    expect(page.get_by_text("The decision is kept")).to_be_visible()
    look(page)
    page.get_by_role("link", name="All shortlists").click()
    look(page)


@pytest.mark.parametrize("scripts", [True, pytest.param(False, marks=pytest.mark.soak)])
def test_homes_are_weighed_on_a_phone(browser: Browser, site: str, scripts: bool) -> None:
    look = check_both if scripts else check_width
    with browser.new_context(java_script_enabled=scripts, viewport=PHONE) as context:
        work_through(context.new_page(), site, look, f"Search {scripts}")
