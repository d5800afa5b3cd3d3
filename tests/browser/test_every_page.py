"""Every page that there is, as everybody who may open it, empty and full: axe finds nothing, and
nothing is wider than a phone.

Pages that are added are walked without being named here. A page that is built alike for several
people is looked at once. Colours come from one style sheet, and take longest: their contrast is
looked at where a page has a class that none before it had.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, Page

from directory.app import create_app
from directory.security.rights.principal import Principal
from directory.security.rights.roles import WHOLE_NODE, Role
from directory.security.rights.service import may
from federation import Node
from tests.browser.everything import a_full_node
from tests.browser.rules import PHONE
from tests.browser.served import serving
from tests.directory.people import carrying, make_person, session_for
from tests.directory.test_access import OWN, SAMPLES, holding, routes
from tests.directory.worlds import two_served

EVERYBODY = (Role.NOBODY, *(role for role in Role if role not in (Role.NOBODY, Role.OPERATOR)))
_SAID = re.compile(r'(?<=>)[^<]+|="[^"]*[0-9/][^"]*"')
"""What a page says, which differs where it is built alike."""
_CLASS = re.compile(r'class="([^"]*)"')


def addresses(app: Flask, role: Role, names: Mapping[str, str]) -> Iterator[str]:
    """Where somebody with a role may go, with records of these names."""
    for rule, method, action in routes(app):
        if method == "GET" and rule.endpoint != "static" and may(holding(role, OWN), action, OWN):
            values = {name: {**SAMPLES, **names}.get(name, OWN) for name in rule.arguments}
            with app.test_request_context():
                yield app.url_for(rule.endpoint, **values)


def walk(
    browser: Browser,
    node: Node,
    names: Mapping[str, str],
    people: Mapping[Role, Principal],
) -> list[str]:
    """Look at every page that differs, as these people or else somebody new; gives addresses."""
    app, seen, looked = create_app(node), set[str](), list[str]()
    classes: set[str] = set()
    with serving(app) as site, browser.new_context(viewport=PHONE) as context:
        page = context.new_page()
        for role in EVERYBODY:
            client = app.test_client()
            if role is not Role.NOBODY:
                known = people.get(role)
                who = (
                    known.id.removeprefix("person:")
                    if known
                    else make_person(node, (role, None if role in WHOLE_NODE else OWN))
                )
                token = session_for(node, who)
                client = carrying(app, token)
                cookie = app.session_interface.name  # type: ignore[attr-defined]
                context.add_cookies([{"name": cookie, "value": token, "url": site}])
            for address in addresses(app, role, names):
                answer = client.get(address)
                if answer.status_code == 200 and answer.mimetype == "text/html":
                    main = answer.text.partition("<main")[2].partition("</main>")[0]
                    if (built := _SAID.sub("", main)) not in seen:
                        seen.add(built)
                        those = set(" ".join(_CLASS.findall(main)).split())
                        look(page, site + address, contrast=not those <= classes)
                        classes |= those
                        looked.append(address)
    return looked


def look(page: Page, address: str, *, contrast: bool) -> None:
    page.goto(address)
    rules = {"color-contrast": {"enabled": contrast}}
    found = Axe().run(page, options={"resultTypes": ["violations"], "rules": rules})
    assert found.violations_count == 0, f"{address}\n{found.generate_report()}"
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], address


def test_every_page_of_a_full_node_keeps_to_the_rules(browser: Browser, tmp_path: Path) -> None:
    with a_full_node(tmp_path) as full:
        looked = walk(browser, full.node, full.names, full.people)
    assert len(looked) > 45


@pytest.mark.soak
def test_every_page_of_an_empty_node_keeps_to_the_rules(browser: Browser, tmp_path: Path) -> None:
    with two_served(tmp_path) as node:
        assert len(walk(browser, node, {}, {})) > 30
