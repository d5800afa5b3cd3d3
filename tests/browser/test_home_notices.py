"""A home's staff tell who has come, and the desk of the area sees it: on a phone, by the rules."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page

from directory.app import create_app
from tests.browser.rules import PHONE, check_both
from tests.browser.served import serving
from tests.directory.test_census import PAGE, begin, built, link_of
from tests.directory.test_home_notices import AREA, LIST, World

__all__ = ["built"]


def pages_of(app: Flask, browser: FlaskClient, tab: Browser, site: str) -> Page:
    """A tab in which whoever uses the client is signed in."""
    cookie = browser.get_cookie(app.session_interface.name)  # type: ignore[attr-defined]
    context = tab.new_context(viewport=PHONE)
    if cookie:
        context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": site}])
    return context.new_page()


@pytest.mark.soak
def test_the_pages_of_both_sides_hold_to_the_rules(built: World, browser: Browser) -> None:
    world = built
    kent, leeds = create_app(world.kent), create_app(world.leeds)
    world.notify(given_name="Ottoline")
    world.notify(given_name="Zebedeé", family_name="Quilfeather")
    with serving(kent) as here, serving(leeds) as there:
        page = pages_of(kent, world.staff, browser, here)
        page.goto(f"{here}{LIST}")
        check_both(page)
        page.get_by_role("button", name="Somebody has come").click()
        check_both(page)
        page.get_by_role("button", name="Save and tell Leeds").click()
        check_both(page)  # what is missing is said
        assert world.tell().status_code == 303
        assert world.tell(family_name="Elder").status_code == 303
        census = begin(world)
        page.goto(f"{here}{LIST}")
        check_both(page)
        page.get_by_role("link", name="answer the census").click()
        check_both(page)
        page.get_by_role("button", name="Send the numbers").click()
        check_both(page)
        world.deliver()
        desk = pages_of(leeds, world.duty, browser, there)
        for address in (AREA, f"{AREA}/{world.told()}", PAGE, census, f"{census}/forms"):
            desk.goto(there + address)
            check_both(desk)
        desk.goto(f"{there}{link_of(world, census)}")
        check_both(desk)
        desk.goto(there + census)
        desk.get_by_role("link", name="Elm House").click()
        check_both(desk)
        desk.get_by_label("Email address of the home").fill("elm")
        desk.get_by_role("button", name="Send a link").click()
        check_both(desk)  # what is no address is said beside the field
        desk.get_by_label("Email address of the home").fill("elm@homes.example")
        desk.get_by_role("button", name="Send a link").click()
        assert "an email waits to be sent" in desk.content()
        check_both(desk)
        desk.goto(there + AREA)
        desk.get_by_role("button", name="The same child").click()
        assert "They are one child now" in desk.content()
