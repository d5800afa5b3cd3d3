"""Telling whom a placement concerns, on a phone: the list, a mistake, a letter, a link."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.placing.telling.links import MailLetters
from directory.security.rights.roles import Role
from federation import Node
from tests.browser.rules import PHONE, check_both
from tests.browser.served import served
from tests.directory.notify_service import notify_service
from tests.directory.test_telling import EMERGENCY, TELLING, keep
from tests.directory.worlds import two_served


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with two_served(tmp_path_factory.mktemp("telling")) as node:
        yield node


@pytest.fixture(scope="module")
def site(node: Node) -> Iterator[str]:
    with served(node, Role.COMMISSIONER) as address:
        yield address


def looked_at(page: Page, name: str, folder: Path | None = None) -> None:
    check_both(page)
    if folder:
        page.screenshot(path=folder / f"{name}.png", full_page=True)


def test_somebody_is_told_by_letter_and_by_a_link(
    browser: Browser, node: Node, site: str, tmp_path: Path
) -> None:
    placement = keep(node, EMERGENCY)
    with browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        page.goto(f"{site}{TELLING}")
        looked_at(page, "overview")
        page.goto(f"{site}{TELLING}/{placement}")
        page.get_by_role("button", name="Open the list").click()
        expect(page.get_by_role("alert")).to_contain_text("Choose why you open")
        looked_at(page, "ask")
        page.get_by_label("To tell those who have to be told of it").check()
        page.get_by_role("button", name="Open the list").click()
        looked_at(page, "list")
        page.get_by_role("button", name="Dr Bones").click()
        looked_at(page, "recipient")
        page.get_by_role("button", name="Note it").click()
        expect(page.get_by_role("alert").first).to_contain_text("Choose how they were told")
        looked_at(page, "mistake")
        page.get_by_role("button", name="Send a link").click()
        code = re.search(r"[A-Z2-9]{4}(-[A-Z2-9]{4}){2}", page.inner_text("main"))
        assert code
        looked_at(page, "code")
        page.get_by_role("button", name="Make the letter to print").click()
        expect(page.get_by_text("Dr Bones")).to_be_visible()
        looked_at(page, "letter")
        with notify_service(tmp_path) as (service, mailer):
            MailLetters(mailer, site)(node)
        _, _, email = service.came.get_nowait()
        link = re.search(r"http\S+/told/letters/\S+", email)
        assert link
        page.goto(link[0])
        looked_at(page, "open")
        page.get_by_label("Your name").fill("Dr Bones")
        page.get_by_label("Code").fill(code[0])
        page.get_by_role("button", name="Open the letter").click()
        expect(page.get_by_text("Xanthippe Quillwort")).to_be_visible()
        looked_at(page, "opened")
        page.goto(f"{site}/told/letters/{'x' * 43}")
        looked_at(page, "over")
