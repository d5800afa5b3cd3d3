"""The page of what waits for release: every state on a phone, without scripts, by their rules."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.records.release.service import hand_in
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import writing
from protocols.records import Description
from tests.browser.rules import PHONE, Look, check_both, check_width
from tests.browser.served import served
from tests.directory.correspondence import PLACING, Correspondence
from tests.directory.worlds import a_home

PAGE = f"/authorities/{PLACING}/releases"


@pytest.fixture(scope="module")
def site(post: Correspondence) -> Iterator[str]:
    with served(post.placing, Role.COMMISSIONER, PLACING) as address:
        yield address


def write(post: Correspondence, urn: str, name: str) -> None:
    summary = "A quiet house with a garden. " * 12
    said = Description(summary, ("autism",), 10, 16, "any")
    home = a_home(urn, authority=PLACING, name=name, description=said)
    with writing(post.placing.node_db) as connection:
        hand_in(connection, post.placing, operator("ada"), [home])


def work_through(page: Page, site: str, look: Look) -> None:
    """Return one with too short a reason, then with one that does, and release the other."""
    page.goto(site + PAGE)
    look(page)
    page.get_by_label("Why you return Rowan House").fill("no")
    page.get_by_role("button", name="Return Rowan House").click()
    expect(page.get_by_role("alert")).to_contain_text("say why")
    look(page)
    page.get_by_label("Why you return Rowan House").fill("It names the street")
    page.get_by_role("button", name="Return Rowan House").click()
    expect(page.get_by_text("Returned to who handed it in.")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Release Elm House").click()
    expect(page.get_by_text("It is in this node’s log within seconds")).to_be_visible()
    look(page)


def test_what_waits_is_returned_and_released_on_a_phone(
    page: Page, post: Correspondence, site: str
) -> None:
    page.set_viewport_size(PHONE)
    page.goto(site + PAGE)
    expect(page.get_by_text("waits for release")).to_be_visible()
    check_both(page)
    write(post, "SC900001", "Rowan House")
    write(post, "SC900002", "Elm House")
    work_through(page, site, check_both)


@pytest.mark.soak
def test_what_waits_is_worked_through_without_scripts(
    browser: Browser, post: Correspondence, site: str
) -> None:
    write(post, "SC900003", "Rowan House")
    write(post, "SC900004", "Elm House")
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        work_through(context.new_page(), site, check_width)
