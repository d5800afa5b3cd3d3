"""An authority invites a provider's staff and confirms a home; they say what is free there, and it
is found: on a phone, without scripts, every state by the rules.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.security.rights.roles import Role
from tests.browser.rules import PHONE, Look, check_both, check_width
from tests.browser.served import served
from tests.directory.worlds import KENT, a_home, consortium

PAGE = f"/authorities/{KENT}/providers"
OURS = "/our-homes"
HOMES = {
    "kent-node": [
        a_home("SC100001", name="Rowan House", provider="Birch Homes", places=4),
        a_home("SC100002", name="Elm House", provider="Acorn Care Limited", places=4),
        a_home("SC100003", name="Oak House", provider="Acorn Care Limited", places=1),
    ]
}


@dataclass(frozen=True)
class Desks:
    """The same node's pages, for an officer and for a member of a provider's staff."""

    officer: str
    staff: str


@pytest.fixture
def desks(tmp_path: Path) -> Iterator[Desks]:
    with consortium(tmp_path, HOMES) as one, ExitStack() as open_pages:
        yield Desks(
            open_pages.enter_context(served(one.reader, Role.COMMISSIONER)),
            open_pages.enter_context(served(one.reader, Role.PROVIDER)),
        )


def invite(page: Page, desks: Desks, look: Look) -> None:
    page.goto(desks.officer + PAGE)
    expect(page.get_by_text("No provider waits for Kent")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Invite a provider’s staff").click()
    look(page)
    page.get_by_label("Provider", exact=True).fill("Acorn Care Ltd")
    page.get_by_label("Email address").fill("kim@acorn.example")
    page.get_by_label("Homes that the provider runs").fill("sc100001\nSC100002")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Enter their name")
    look(page)
    page.get_by_label("Name of the member of staff").fill("Kim Lee")
    page.get_by_role("button", name="Invite", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A link for Kim Lee")
    look(page)


def confirm(page: Page, desks: Desks, look: Look) -> None:
    page.goto(desks.officer + PAGE)
    look(page)
    page.get_by_role("button", name="Confirm that Acorn Care Ltd runs SC100001").click()
    expect(page.get_by_role("alert")).to_contain_text("Say that you have checked")
    look(page)
    page.get_by_label("I have checked that Acorn Care Ltd runs SC100001").check()
    page.get_by_role("button", name="Confirm that Acorn Care Ltd runs SC100001").click()
    expect(page.get_by_text("looks after this home from now on")).to_be_visible()
    page.get_by_role("button", name="Confirm that Acorn Care Ltd runs SC100002").click()
    look(page)


def see_them(page: Page, desks: Desks, look: Look) -> None:
    page.goto(desks.staff + OURS)
    expect(page.get_by_role("cell", name="Yours")).to_have_count(2)
    look(page)
    page.get_by_label("URN of the home").fill("SC999999")
    page.get_by_role("button", name="Claim this home").click()
    expect(page.get_by_role("alert")).to_contain_text("no home with the URN SC999999")
    look(page)
    page.get_by_label("URN of the home").fill("SC100003")
    page.get_by_role("button", name="Claim this home").click()
    expect(page.get_by_text("Waits for the authority")).to_be_visible()
    look(page)


def say_vacancies(page: Page, desks: Desks, look: Look) -> None:
    page.goto(desks.staff + OURS)
    page.get_by_role("main").get_by_role("link", name="Say which homes have a vacancy").click()
    look(page)
    page.get_by_label("Free, of 4 at Rowan House").fill("5")
    page.get_by_role("button", name="Save all").click()
    expect(page.get_by_role("alert")).to_contain_text("registered for 4 children, not more")
    look(page)
    page.get_by_label("Free, of 4 at Rowan House").fill("2")
    page.get_by_label("Girls or boys at Rowan House").select_option("girls")
    page.get_by_label("Youngest at Rowan House").fill("10")
    page.get_by_label("also in an emergency at Rowan House").check()
    page.get_by_role("button", name="Save all").click()
    expect(page.get_by_text("Commissioners see it within a minute or two")).to_be_visible()
    look(page)
    page.get_by_role("button", name="Nothing has changed").click()
    expect(page.get_by_text("Confirmed for today")).to_be_visible()


def find_one(page: Page, desks: Desks, look: Look) -> None:
    page.goto(desks.officer + "/homes")
    page.get_by_label("Has a vacancy (1)").check()
    page.get_by_role("button", name="Search homes").click()
    told = "2 beds now, girls, from 10 years, also in an emergency"
    expect(page.get_by_text(told)).to_be_visible()
    look(page)
    page.get_by_role("link", name="Rowan House").click()
    expect(page.get_by_text(told)).to_be_visible()
    look(page)


def test_a_provider_is_invited_confirmed_and_at_home_on_a_phone(page: Page, desks: Desks) -> None:
    page.set_viewport_size(PHONE)
    page.goto(desks.staff + OURS)
    expect(page.get_by_text("No home of yours is here yet")).to_be_visible()
    check_both(page)
    invite(page, desks, check_both)
    confirm(page, desks, check_both)
    see_them(page, desks, check_both)
    say_vacancies(page, desks, check_both)
    find_one(page, desks, check_both)


@pytest.mark.soak
def test_a_provider_is_invited_confirmed_and_at_home_without_scripts(
    browser: Browser, desks: Desks
) -> None:
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        page = context.new_page()
        invite(page, desks, check_width)
        confirm(page, desks, check_width)
        see_them(page, desks, check_width)
        say_vacancies(page, desks, check_width)
        find_one(page, desks, check_width)
