"""What holds for every page: WCAG 2.2 AA as far as axe-core sees, and no wider than a phone."""

from collections.abc import Callable
from typing import TypeAlias

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

PHONE = {"width": 320, "height": 640}
Look: TypeAlias = Callable[[Page], None]


def check_rules(page: Page) -> None:
    """Where scripts run: without them axe never ends."""
    page.wait_for_load_state()
    results = Axe().run(page, options={"resultTypes": ["violations"]})
    assert results.violations_count == 0, results.generate_report()


def check_width(page: Page) -> None:
    page.wait_for_load_state()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], page.url


def check_both(page: Page) -> None:
    check_rules(page)
    check_width(page)
