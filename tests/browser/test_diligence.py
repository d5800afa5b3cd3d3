"""Due diligence: given, checked, relied on; on a phone, by every page's rules; without scripts."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.security.rights.roles import Role
from federation import OwnLog, follow, sequence
from tests.browser.rules import PHONE, Look, check_both, check_width
from tests.browser.served import served
from tests.directory.worlds import KENT, Consortium, a_home, consortium

CHECKS = f"/authorities/{KENT}/due-diligence"


@dataclass(frozen=True)
class Desks:
    one: Consortium
    staff: str
    officer: str

    def publish(self) -> None:
        node = self.one.reader
        sequence(node)
        follow(node, node.member, OwnLog(node.node_db))


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desks]:
    home = a_home("SC100001", name="Rowan House", provider="Acorn Care Ltd")
    with (
        consortium(tmp_path_factory.mktemp("consortium"), {"kent-node": [home]}) as one,
        served(one.reader, Role.PROVIDER) as staff,
        served(one.reader, Role.COMMISSIONER) as officer,
    ):
        yield Desks(one, staff, officer)


def journey(page: Page, desks: Desks, look: Look, issuer: str) -> None:
    page.goto(f"{desks.staff}/our-homes/due-diligence")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose what it is about")
    look(page)
    page.get_by_label("What is it about?").select_option("Acorn Care Ltd")
    page.get_by_label("What is it?").select_option("Public liability insurance")
    page.get_by_label("Who issued it?").fill(issuer)
    until = page.get_by_role("group", name="What is the last day?")
    for part, text in (("Day", "1"), ("Month", "12"), ("Year", "2026")):
        until.get_by_label(part).fill(text)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved. It waits to be checked")).to_be_visible()
    look(page)
    page.goto(desks.officer + CHECKS)
    page.get_by_role("button", name="Publish what you found").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose what you found")
    look(page)
    page.get_by_label("In order", exact=True).first.check()
    page.get_by_role("button", name="Publish what you found").click()
    expect(page.get_by_text("other authorities see it then")).to_be_visible()
    desks.publish()
    page.goto(f"{desks.officer}/homes/SC100001")
    expect(page.get_by_text("expires in 11 days, on 1 December 2026").first).to_be_visible()
    look(page)
    page.get_by_role("link", name="Everything that authorities have checked").click()
    look(page)
    page.goto(desks.officer + CHECKS)
    look(page)


def test_on_a_phone_each_page_keeps_the_rules(page: Page, desks: Desks) -> None:
    page.set_viewport_size(PHONE)
    journey(page, desks, check_both, "Hartwell Mutual Insurance Society of Llanfairpwllgwyngyll")


@pytest.mark.soak
def test_without_scripts(browser: Browser, desks: Desks) -> None:
    with browser.new_context(java_script_enabled=False, viewport=PHONE) as context:
        journey(context.new_page(), desks, check_width, "Second Mutual")
