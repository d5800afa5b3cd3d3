"""Somebody who has never seen the directory finds a home in it: by mouse, by keyboard, on a phone,
without scripts, and with a screen reader's rules kept.
"""

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from msgspec.structs import replace
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from directory.records.samples.service import sample_homes
from directory.security.rights.roles import Role
from protocols.records import Home
from tests.browser.served import served
from tests.directory.worlds import (
    KENT,
    LEEDS,
    LEWISHAM,
    a_home,
    consortium,
    described,
    judged,
)


def homes(authority: str, count: int) -> list[Home]:
    """Homes such as the demonstration's, and not said to be made up."""
    return [
        replace(one, urn=f"SC{authority[-4:]}{number:02}")
        for number, one in enumerate(sample_homes(authority, count=count))
    ]


CONTESTED = homes(LEEDS, 1)[0].urn
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
PUBLISHED = {
    "kent-node": [
        *homes(KENT, 30),
        a_home(CONTESTED, name="Also claimed in Kent", provider=LONG),
        a_home(
            "SC123456",
            name="Weathervane House",
            provider="Acorn Care Ltd",
            judgement=judged("Good"),
            description=described(f"Sheep, and {LONG}.", "solo-placement", "self-harm"),
        ),
        a_home("2654321", status="Suspended", short_breaks_only=True),
    ],
    "leeds-node": homes(LEEDS, 12),
    "lewisham-node": homes(LEWISHAM, 12),
}
STATES = {
    "search": "/homes",
    "map": "/homes/map",
    "region on the map": "/homes/map?region=London",
    "saved searches": "/searches",
    "second page": "/homes?page=2",
    "words": "/homes?words=autism&region=South+East",
    "none found": "/homes?words=zebra&region=London",
    "bad value": "/homes?min_places=lots",
    "home": "/homes/SC123456",
    "little known": "/homes/2654321",
    "contested": f"/homes/{CONTESTED}",
    "unknown home": "/homes/SC999999",
    "history": "/homes/SC123456/history",
    "no such page": "/nowhere",
}
# Chromium says of its own accord that a page came with an error status.
EXPECTED = re.compile(r"Failed to load resource: .* status of (400|404)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("consortium")
    with consortium(folder, PUBLISHED) as one, served(one.reader, Role.COMMISSIONER) as address:
        yield address


@pytest.fixture(scope="module")
def empty_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("empty")
    with consortium(folder, {}) as one, served(one.reader, Role.COMMISSIONER) as address:
        yield address


@pytest.fixture
def complaints(page: Page) -> Iterator[list[str]]:
    """What the browser complains of, such as a breach of the content security policy."""
    heard: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if not EXPECTED.match(message.text):
            heard.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on("requestfailed", lambda request: heard.append(request.url))
    yield heard
    assert heard == []


def find_a_home(page: Page, site: str) -> None:
    """From nothing to one home and back again."""
    page.goto(site)
    page.get_by_role("link", name="Find a home").first.click()
    expect(page).to_have_title("Children’s homes – page 1 of 3 – Commonhearth")
    expect(page.get_by_role("heading", name="56 homes")).to_be_visible()
    page.get_by_label("Search", exact=True).fill("self-harm")
    page.get_by_label("Region").select_option("South East")
    page.get_by_label("Ofsted judgement").select_option("Good")
    page.get_by_role("button", name="Search homes").click()
    expect(page.get_by_text("In the order: best match")).to_be_visible()
    expect(page.get_by_label("Search", exact=True)).to_have_value("self-harm")
    expect(page.get_by_label("Region")).to_have_value("South East")

    page.get_by_role("link", name="Weathervane House").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Weathervane House")
    expect(page.get_by_text("20 November 2026, 09:30 UTC").first).to_be_visible()

    page.get_by_role("link", name="Back to the search").click()
    expect(page.get_by_label("Search", exact=True)).to_have_value("self-harm")
    expect(page.get_by_role("link", name="Weathervane House")).to_be_in_viewport()

    page.get_by_role("link", name="Remove Words: self-harm").click()
    expect(page.get_by_text("In the order: authority A to Z")).to_be_visible()
    page.get_by_label("Order").select_option("Places, most first")
    page.get_by_role("button", name="Change order").click()
    expect(page.get_by_text("In the order: places, most first")).to_be_visible()
    expect(page.get_by_label("Ofsted judgement")).to_have_value("Good")
    page.get_by_role("link", name="Clear all").click()
    expect(page.get_by_role("heading", name="56 homes")).to_be_visible()


def test_a_newcomer_finds_a_home(page: Page, site: str, complaints: list[str]) -> None:
    find_a_home(page, site)
    assert page.context.cookies() == []


def test_a_newcomer_finds_a_home_without_scripts(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    find_a_home(context.new_page(), site)
    context.close()


def test_a_newcomer_finds_a_home_on_a_phone(browser: Browser, site: str) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 640})
    page = context.new_page()
    find_a_home(page, site)
    page.get_by_role("link", name="Go to 56 homes").click()
    expect(page.get_by_role("heading", name="56 homes")).to_be_in_viewport()
    context.close()


def test_pages_of_results_lead_on_and_back(page: Page, site: str) -> None:
    page.goto(f"{site}/homes")
    page.get_by_role("link", name="Next page").click()
    expect(page).to_have_title("Children’s homes – page 2 of 3 – Commonhearth")
    page.get_by_role("link", name="Page 3", exact=True).click()
    expect(page.locator("article")).to_have_count(17)
    expect(page.get_by_role("link", name="Next page")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_postcodes_lead_on_and_back_and_stand_in_no_address(
    browser: Browser, site: str, scripts: bool
) -> None:
    context = browser.new_context(java_script_enabled=scripts)
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda one: asked.append(f"{one.url} {one.headers.get('referer')}"))
    page.goto(f"{site}/homes")
    page.get_by_label("Nearest to").fill("LS6 1AB")
    page.get_by_label("Keep away from").fill("SE13, Medway")
    page.get_by_role("button", name="Search homes").click()
    expect(page.get_by_text("In the order: nearest first")).to_be_visible()
    page.get_by_role("button", name="Next page").click()
    expect(page).to_have_url(f"{site}/homes?page=2")
    page.locator("article button").last.click()
    page.get_by_role("button", name="Back to the search").click()
    expect(page.get_by_text("Page 2 of 3.")).to_be_visible()
    expect(page.locator("article").last).to_be_in_viewport()
    if scripts:
        check_rules(page)
    page.get_by_role("button", name="Show on a map").click()
    expect(page.get_by_role("row", name="Lewisham London Left out")).to_be_visible()
    page.get_by_role("button", name="Remove Nearest to: LS6").click()
    page.get_by_role("button", name="Remove Away from: SE13; Medway").click()
    page.get_by_role("link", name="Show as a list").click()
    expect(page.get_by_role("heading", name="56 homes")).to_be_visible()
    assert not [one for one in asked if re.search("LS6|SE13", one)]
    context.close()


def test_the_keyboard_is_enough(page: Page, site: str) -> None:
    page.goto(f"{site}/homes")
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to main content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Search", exact=True)).to_be_focused()
    page.keyboard.type("Weathervane")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 home", exact=True)).to_be_visible()
    link = page.get_by_role("link", name="Weathervane House")
    for _ in range(60):
        page.keyboard.press("Tab")
        if link.evaluate("it => it === document.activeElement"):
            break
    expect(link).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Weathervane House")


def test_a_mistake_is_led_to(page: Page, site: str) -> None:
    page.goto(f"{site}/homes")
    page.get_by_label("Places, at least").fill("lots")
    page.get_by_role("button", name="Search homes").click()
    expect(page.get_by_role("alert")).to_contain_text("There is a problem")
    page.get_by_role("link", name="Places must be a whole number from 1 to 500").click()
    expect(page.get_by_label("Places, at least")).to_be_focused()
    expect(page.get_by_label("Places, at least")).to_have_value("lots")


def check_rules(page: Page) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, results.generate_report()


@pytest.mark.parametrize("state", STATES)
def test_every_state_keeps_the_rules_of_accessibility(
    page: Page, site: str, state: str, complaints: list[str]
) -> None:
    page.goto(site + STATES[state])
    check_rules(page)


def test_an_empty_node_keeps_the_rules_of_accessibility(
    page: Page, empty_site: str, complaints: list[str]
) -> None:
    page.goto(f"{empty_site}/homes")
    expect(page.get_by_role("heading", level=1)).to_contain_text("not received any homes yet")
    check_rules(page)


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_wider_than_the_narrowest_phone(page: Page, site: str, state: str) -> None:
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(site + STATES[state])
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_paper_carries_the_homes_and_not_the_form(page: Page, site: str) -> None:
    page.emulate_media(media="print")
    page.goto(f"{site}/homes?words=self-harm")
    expect(page.get_by_role("link", name="Weathervane House")).to_be_visible()
    expect(page.get_by_text("Words: self-harm")).to_be_visible()
    expect(page.get_by_role("button", name="Search homes")).to_be_hidden()
