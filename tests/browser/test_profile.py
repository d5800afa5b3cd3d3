"""A home's profile is written down: on a phone, without scripts, by the rules."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.security.rights.roles import Role
from tests.browser.rules import PHONE, Look, check_both, check_width
from tests.browser.served import served
from tests.directory.worlds import a_home, consortium

URNS = ("SC100001", "SC100002")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    homes = [a_home(urn, name="Rowan House") for urn in URNS]
    with (
        consortium(tmp_path_factory.mktemp("consortium"), {"kent-node": homes}) as one,
        served(one.reader, Role.COMMISSIONER) as address,
    ):
        yield address


def write_down(page: Page, site: str, urn: str, look: Look) -> None:
    """From the home's page: a mistake first, of which the rest is kept; then it waits."""
    page.goto(f"{site}/homes/{urn}")
    page.get_by_role("link", name="Change what this home says").click()
    expect(page.get_by_text("This home is not yet described.")).to_be_visible()
    look(page)
    page.get_by_label("Youngest age").fill("15")
    page.get_by_label("Oldest age").fill("9")
    page.get_by_label("Autism", exact=True).select_option("In part")
    page.get_by_label("In the provider’s words").fill("A quiet house with a garden.")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("link", name="Oldest age must not be below the youngest").click()
    expect(page.get_by_label("Oldest age")).to_be_focused()
    expect(page.get_by_label("Autism", exact=True)).to_have_value("partly")
    look(page)
    page.get_by_label("Oldest age").fill("17")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("it waits until somebody else has released it")).to_be_visible()
    expect(page.get_by_label("In the provider’s words")).to_have_value(
        "A quiet house with a garden."
    )
    look(page)


def test_a_profile_is_written_down_on_a_phone(page: Page, site: str) -> None:
    page.set_viewport_size(PHONE)
    write_down(page, site, URNS[0], check_both)


@pytest.mark.soak
def test_a_profile_is_written_down_without_scripts(browser: Browser, site: str) -> None:
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        write_down(context.new_page(), site, URNS[1], check_width)
