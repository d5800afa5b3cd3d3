"""A consultation, opened and answered by the area authority on a phone."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from directory.app import create_app
from directory.placing.approvals.consulting import consult
from directory.security.rights.roles import Role
from federation import deliver_due, writing
from tests.browser.rules import check_both
from tests.browser.served import serving
from tests.browser.test_home_notices import pages_of
from tests.directory.people import signed_in
from tests.directory.post import Door
from tests.directory.test_approvals import COLA, place
from tests.directory.worlds import KENT, MEDWAY, two_served


@pytest.mark.soak
def test_a_consultation_is_opened_for_a_reason_and_answered(
    tmp_path: Path, browser: Browser
) -> None:
    with two_served(tmp_path) as node:
        number = place(node)
        with writing(node.node_db) as connection:
            asked = consult(connection, node, COLA, KENT, number)
        deliver_due(node, Door(node, node.member))
        app = create_app(node)
        with serving(app) as site:
            duty = signed_in(app, Role.DUTY_OFFICER, MEDWAY)
            page = pages_of(app, duty, browser, site)
            page.goto(f"{site}/authorities/{MEDWAY}/consultations")
            check_both(page)
            page.goto(f"{site}/authorities/{MEDWAY}/consultations/{asked}")
            check_both(page)
            page.get_by_label("To answer the placing authority").check()
            page.locator("main").get_by_role("button").first.click()
            expect(page.get_by_role("button", name="Send the answer")).to_be_visible()
            check_both(page)
            page.get_by_role("button", name="Send the answer").click()
            expect(page.get_by_role("alert").first).to_be_visible()
            check_both(page)  # with what is missing
