"""The duty desk at night: the register and the inbox on a phone and wide, and by keyboard alone."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from directory.hosting.entering.service import enter_notices
from directory.notices.sent import send_notice
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import writing
from tests.browser.rules import PHONE, check_rules, check_width
from tests.browser.served import served
from tests.directory.correspondence import AREA, PLACING, Correspondence
from tests.directory.entered import came
from tests.federation.worlds import a_notice

INBOX = f"/authorities/{AREA}/notices/received"
KEEP = os.environ.get("SCREENSHOTS")


@pytest.fixture(scope="module")
def desk(post: Correspondence) -> Iterator[str]:
    who = operator("root")
    with writing(post.placing.node_db) as connection:
        for _ in range(3):
            send_notice(connection, post.placing, who, a_notice(), placing=PLACING, area=AREA)
    post.deliver()
    long = "W" * 120
    with writing(post.area.node_db) as connection:
        people = [
            came("Zoë", "Ní Bhriain", born=date(2012, 4, 9), placing=PLACING, urn="SC200001"),
            came(long, "Longname", placing=PLACING),
            *(came("Ada", f"Sample{number}", placing=PLACING) for number in range(30)),
        ]
        enter_notices(connection, post.area, who, AREA, people)
    with served(post.area, Role.DUTY_OFFICER, AREA) as address:
        yield address


def look(page: Page, name: str) -> None:
    width = page.viewport_size["width"] if page.viewport_size else 0
    check_rules(page)
    if width == PHONE["width"]:
        check_width(page)
    if KEEP:
        page.screenshot(path=Path(KEEP) / f"{name}-{width}.png", full_page=True)


def night(page: Page, desk: str) -> None:
    page.goto(f"{desk}/register")
    look(page, "register-enter")
    page.get_by_role("button", name="Open the register").click()
    expect(page.get_by_role("alert")).to_be_visible()
    look(page, "register-error")
    page.get_by_label("A child is missing").check()
    page.get_by_role("button", name="Open the register").click()
    expect(page.get_by_text("32 in all, placed by 1 authority")).to_be_visible()
    look(page, "register")
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_role("heading", name="32 children, page 2 of 2")).to_be_visible()
    page.get_by_label("Find a child").fill("bhriain")
    page.get_by_role("button", name="Find", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 found")
    expect(page.get_by_text("Call first:")).to_be_visible()
    look(page, "found")
    assert page.url == f"{desk}/register"
    page.get_by_role("button", name="Open the notice").click()
    expect(page.get_by_text("1 Crooked Billet")).to_be_visible()


def day(page: Page, desk: str) -> None:
    page.goto(desk + INBOX)
    look(page, "inbox")
    page.get_by_role("link", name="Tick all 3 on this page").click()
    page.get_by_role("button", name="Take them").click()
    expect(page.get_by_role("alert")).to_contain_text("3 notices taken: you answer for them now")
    page.get_by_role("link", name="Mine (").click()
    look(page, "inbox-mine")
    page.get_by_label("Tick").first.check()
    page.get_by_role("button", name="Acknowledge them").click()
    look(page, "acknowledge")
    page.goto(f"{desk}/authorities/{AREA}/notices/entered")
    look(page, "entering")
    page.get_by_role("link", name="Import it").click()
    look(page, "importing")


@pytest.mark.parametrize("size", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "wide"])
def test_night_and_day_keep_the_rules(browser: Browser, desk: str, size: dict[str, int]) -> None:
    with browser.new_context(viewport=size, reduced_motion="reduce") as context:  # type: ignore[arg-type]
        page = context.new_page()
        night(page, desk)
        day(page, desk)
