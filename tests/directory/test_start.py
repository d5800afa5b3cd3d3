"""The start page and the navigation: few entries on every page, and to each only what is theirs."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from directory.app import create_app
from directory.security.rights.roles import Role
from directory.web.entries import ENTRIES
from tests.directory.people import carrying, make_person, session_for, signed_in
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, MEDWAY, two_served

ON_TOP = {
    Role.COMMISSIONER: [
        "Start",
        "Find a home",
        "Match",
        "Shortlists",
        "Placements",
        "Notices sent",
    ],
    Role.DUTY_OFFICER: ["Start", "Find a home", "Match", "Notices received", "Register"],
    Role.GOVERNANCE_OFFICER: ["Start", "Find a home", "Notices gone astray", "Audit", "Retention"],
    Role.AUTHORITY_ADMINISTRATOR: ["Start", "Find a home", "Providers", "People"],
    Role.PROVIDER: ["Start", "Our homes", "Vacancies", "What authorities want"],
    Role.NODE_ADMINISTRATOR: ["Start", "Find a home", "People", "Node"],
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    with two_served(tmp_path_factory.mktemp("node")) as node:
        yield create_app(node)


@pytest.mark.parametrize("role", ON_TOP)
def test_few_entries_stand_on_every_page_and_each_opens(app: Flask, role: Role) -> None:
    browser = signed_in(app, role)
    page = browser.get("/").text
    nav = page.partition("<nav")[2].partition("</nav>")[0]
    links = re.findall("<a.*?</a>", nav, flags=re.DOTALL)
    assert [" ".join(re.sub("<[^>]*>", "", one).split()) for one in links] == ON_TOP[role]
    assert 'aria-current="page"' in links[0]
    for there in set(re.findall(r'class="govuk-link" href="(/[^"]*)"', page)):
        assert browser.get(there).status_code == 200, there


def test_a_provider_s_staff_are_shown_nothing_of_placing_and_cannot_match(app: Flask) -> None:
    staff = signed_in(app, Role.PROVIDER)
    shown = words_of(staff.get("/"))
    for theirs in ("Find a home", "Match", "Shortlists", "Notices", "Changes of homes"):
        assert theirs not in shown, theirs
    assert staff.get("/match").status_code == 403


def test_who_works_for_two_authorities_chooses_one_first(app: Flask) -> None:
    node = app.extensions["commonhearth.node"]
    both = make_person(node, (Role.DUTY_OFFICER, KENT), (Role.DUTY_OFFICER, MEDWAY))
    page = carrying(app, session_for(node, both)).get("/").text
    assert 'href="/choose/inbox.page"' in page


def test_every_entry_is_of_use_to_somebody_on_the_start_page(app: Flask) -> None:
    pages = [words_of(signed_in(app, role).get("/")) for role in ON_TOP]
    for entry in ENTRIES:
        assert any(entry.hint in page for page in pages), entry.text
