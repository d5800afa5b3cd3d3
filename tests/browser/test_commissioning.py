"""What an authority wants is written, checked and read: on a phone, without scripts, by keyboard,
each page looked at, empty, full and in error.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.records.release.held import held_records
from directory.records.release.service import release
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, reading, sequence, writing
from tests.browser.rules import PHONE, Look, check_both, check_width
from tests.browser.served import served
from tests.directory.worlds import KENT, Consortium, consortium

EDIT = f"/authorities/{KENT}/commissioning"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Consortium]:
    with consortium(tmp_path_factory.mktemp("kent"), {}) as one:
        yield one


@pytest.fixture(scope="module")
def site(world: Consortium) -> Iterator[str]:
    with served(world.reader, Role.COMMISSIONER) as address:
        yield address


def release_all(world: Consortium) -> None:
    """As a second person does, and then the worker."""
    node: Node = world.reader
    with reading(node.node_db) as connection:
        held = held_records(connection, node, operator("bea"), KENT)
    with writing(node.node_db) as connection:
        for one in held:
            release(connection, node, operator("bea"), KENT, one.id)
    sequence(node)
    world.follow_all(node, ["kent-node"])


def say_what_is_wanted(page: Page, site: str, look: Look, name: str) -> None:
    """Be told what is missing, put it right, add a second list, go back once, hand it in."""
    page.goto(site + EDIT)
    look(page)
    page.locator("#referrals-name").fill("Placements team")
    page.locator("#referrals-email").fill("placements at kent")
    page.locator("#notices-name").fill("Duty desk")
    page.locator("#notices-email").fill("notices@kent.example")
    page.locator("#demand-autism").fill("33")
    page.get_by_role("button", name="Continue", exact=True).last.click()
    expect(page.get_by_role("alert")).to_contain_text("Enter an email address")
    look(page)
    page.locator("#referrals-email").fill("placements@kent.example")
    for field, parts in (("demand-since", (1, 4, 2026)), ("demand-until", (31, 3, 2027))):
        for part, number in zip(("day", "month", "year"), parts, strict=True):
            page.locator(f"#{field}-{part}").fill(str(number))
    for number in (1, 2):
        place = f"#frameworks-{number}"
        if number == 2 and not page.locator(f"{place}-name").count():
            page.get_by_role("button", name="Add another framework").click()
        page.locator(f"{place}-name").fill(f"{name} {number}")
        page.locator(f"{place}-purpose").fill("Homes for up to three children")
        page.locator(f"{place}-joining").fill("Answer the questionnaire on the portal.")
        for part, value in zip(("day", "month", "year"), (31, 1, 2029), strict=True):
            page.locator(f"{place}-closes-{part}").fill(str(value))
    look(page)
    page.get_by_role("button", name="Continue", exact=True).last.click()
    expect(page.get_by_role("heading", name="Check what Kent wants")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Change commissioning calendar").click()
    expect(page.locator("#frameworks-2-name")).to_have_value(f"{name} 2")
    page.get_by_role("button", name="Continue", exact=True).last.click()
    page.get_by_role("button", name="Hand it in").click()
    expect(page.get_by_role("heading", name="What Kent wants waits for release")).to_be_visible()
    look(page)


def read_it(page: Page, site: str, look: Look, name: str) -> None:
    page.goto(f"{site}/commissioning")
    look(page)
    expect(page.get_by_role("cell", name=f"{name} 2")).to_be_visible()
    page.get_by_label("Region").select_option("London")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("No authority in London has said")).to_be_visible()
    look(page)
    page.goto(f"{site}/commissioning")
    page.get_by_role("link", name="Kent", exact=True).last.click()
    expect(page.get_by_role("heading", name=f"{name} 1")).to_be_visible()
    look(page)


def test_what_is_wanted_is_said_and_read_on_a_phone(
    page: Page, world: Consortium, site: str
) -> None:
    page.set_viewport_size(PHONE)
    for path in ("/commissioning", f"/commissioning/{KENT}"):
        page.goto(site + path)
        check_both(page)
    say_what_is_wanted(page, site, check_both, "Small homes")
    release_all(world)
    read_it(page, site, check_both, "Small homes")


@pytest.mark.soak
def test_what_is_wanted_is_said_and_read_without_scripts(
    browser: Browser, world: Consortium, site: str
) -> None:
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        page = context.new_page()
        say_what_is_wanted(page, site, check_width, "Block beds")
        release_all(world)
        read_it(page, site, check_width, "Block beds")


def test_enter_in_a_field_goes_on_and_takes_nothing_away(page: Page, site: str) -> None:
    page.goto(site + EDIT)
    page.locator("#frameworks-1-name").fill("By keyboard")
    page.locator("#frameworks-1-name").press("Enter")
    expect(page.locator("body")).to_contain_text("By keyboard")
    assert page.locator("input[value='By keyboard']").count() == 1
