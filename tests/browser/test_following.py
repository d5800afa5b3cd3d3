"""What follows a notice, on both sides: said, asked, withdrawn, and looked into; on a phone."""

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from directory.app import create_app
from directory.security.rights.roles import Role
from tests.browser.rules import check_both
from tests.browser.served import serving
from tests.browser.test_home_notices import pages_of
from tests.directory.correspondence import AREA, PLACING, Correspondence
from tests.directory.people import signed_in
from tests.directory.test_notice_following import send


def tab(app: Flask, role: Role, authority: str, browser: Browser, site: str) -> Page:
    return pages_of(app, signed_in(app, role, authority), browser, site)


@pytest.mark.soak
def test_both_sides_say_ask_withdraw_and_look_into_it(
    post: Correspondence, browser: Browser
) -> None:
    notice = send(post)
    kent, leeds = create_app(post.placing), create_app(post.area)
    ours = f"/authorities/{PLACING}/notices/sent/{notice}"
    theirs = f"/authorities/{AREA}/notices/received/{notice}"
    with serving(kent) as here, serving(leeds) as there:
        page = tab(kent, Role.COMMISSIONER, PLACING, browser, here)
        for kind, button in (
            ("change", "Send the change"),
            ("extend", "Send the extension"),
            ("end", "Send the ending"),
            ("withdraw", "Withdraw the notice"),
        ):
            page.goto(f"{here}{ours}/say/{kind}")
            page.get_by_role("button", name=button).click()
            expect(page.get_by_role("alert").first).to_be_visible()
            check_both(page)  # with what is missing
        desk = tab(leeds, Role.DUTY_OFFICER, AREA, browser, there)
        desk.goto(f"{there}{theirs}/ask")
        desk.get_by_label("What do you want to know?").fill("Which school is it?")
        desk.get_by_label("Telephone number").fill("0113 496 0000")
        check_both(desk)
        desk.get_by_role("button", name="Send the question").click()
        post.deliver()
        page.goto(f"{here}{ours}/say/withdraw")
        page.get_by_label("It went to the wrong authority").check()
        page.get_by_label("Telephone number").fill("01632 960105")
        page.get_by_role("button", name="Withdraw the notice").click()
        check_both(page)
        post.deliver()
        desk.goto(f"{there}{theirs}")
        expect(desk.get_by_text("It must not be used")).to_be_visible()
        check_both(desk)
        desk.get_by_role("link", name="Say what became of it here").click()
        check_both(desk)
        office = tab(leeds, Role.GOVERNANCE_OFFICER, AREA, browser, there)
        office.goto(f"{there}/authorities/{AREA}/breaches")
        check_both(office)
        office.locator(f'a[href^="/authorities/{AREA}/breaches/"]').first.click()
        check_both(office)
