"""A placement on a phone: typed, approved, told of, imported, each state by its rules."""

from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.placing.register.service import add_child, add_placement
from directory.placing.register.values import ChildFacts, Course, PlacementFacts
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import writing
from tests.browser.rules import PHONE, check_both
from tests.browser.served import served
from tests.directory.test_importing import FIRST, a_return
from tests.directory.worlds import KENT, MEDWAY, two_served


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    who = operator("tests")
    course = Course(date(2026, 12, 1), "planned", area=MEDWAY, relation="at a distance")
    with two_served(tmp_path_factory.mktemp("placing")) as node:
        with writing(node.node_db) as connection:
            of = add_child(connection, node, who, KENT, ChildFacts("K-1", "Xanthippe", "Quill"))
            facts = PlacementFacts("foster care", "7 Nowhere Lane, Zedtown")
            add_placement(connection, node, who, KENT, of, course, facts)
        with served(node, Role.COMMISSIONER, KENT) as address:
            yield address


def open_it(page: Page, button: str) -> None:
    page.get_by_label("To keep the record of this placement right").check()
    page.get_by_role("button", name=button).click()


def test_a_placement_is_kept_on_a_phone(browser: Browser, site: str) -> None:
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{site}/authorities/{KENT}/placements")
        expect(page.get_by_text("Approval by the director")).to_be_visible()
        check_both(page)
        page.get_by_role("link", name="Placement ").first.click()
        page.get_by_role("button", name="Open the placement").click()
        expect(page.get_by_role("alert")).to_contain_text("Choose why you open this record")
        check_both(page)
        open_it(page, "Open the placement")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Xanthippe Quill")
        check_both(page)
        page.get_by_role("button", name="Consult the area authority").click()
        expect(page.get_by_role("alert")).to_contain_text("the care plan")
        check_both(page)
        page.get_by_role("button", name="Change something").click()
        page.get_by_role("button", name="Keep it").click()
        expect(page.get_by_text("What you changed is kept.")).to_be_visible()
        page.get_by_role("button", name="It began").click()
        expect(page.get_by_role("alert")).to_contain_text("has not approved this placement")
        check_both(page)


def test_a_child_is_found_and_a_return_imported_on_a_phone(browser: Browser, site: str) -> None:
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{site}/authorities/{KENT}/placements/find")
        page.get_by_label("Your identifier for the child").fill("quill")
        open_it(page, "Find")
        expect(page.get_by_text("K-1, Xanthippe Quill")).to_be_visible()
        check_both(page)
        page.goto(f"{site}/authorities/{KENT}/placements/import")
        file = {"name": "e.csv", "mimeType": "text/csv", "buffer": a_return(*FIRST)}
        page.get_by_label("Episodes").set_input_files(file)  # type: ignore[arg-type]
        for part, typed in (("Day", "20"), ("Month", "11"), ("Year", "2026")):
            page.get_by_label(part, exact=True).fill(typed)
        page.get_by_role("button", name="Continue").click()
        check_both(page)
        page.get_by_role("button", name="Import it").click()
        expect(page.get_by_text("It is imported.")).to_be_visible()
