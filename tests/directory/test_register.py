"""The register: who lives in the area, found in seconds, and nothing of it without a trace."""

import io
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.hosting.entering.service import enter_notices
from directory.hosting.register.calling import calls
from directory.hosting.register.errors import NothingToFind
from directory.hosting.register.words import read_sought
from directory.notices.entered import Entered
from directory.notices.erasing import erase_notice
from directory.notices.models import received_notice
from directory.security.audit.models import audit_row
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from tests.databases import Databases
from tests.directory.entered import NIGHT, WORKER, came
from tests.directory.people import carrying, form_token, make_person, session_for, signed_in
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, LEEDS, LEWISHAM, MEDWAY, two_served

pytestmark = pytest.mark.both_databases(second_is_soak=True)
WHY = {"reason": "A child is missing, or may be at risk"}
KENTS = [
    came("Zoë", "Ní Bhriain", born=date(2012, 4, 9), identifier="KID-90210"),
    came("Anne-Marie", "O’Brien-Smith", born=date(2010, 1, 1), placing=LEWISHAM),
    came("Grown", "Quillfeather", born=date(2008, 1, 1), urn=None, setting="foster care"),
    came("Gone", "Quillfeather", ended_on=date(2026, 11, 19)),
    came("Leaving", "Todaykin", ended_on=date(2026, 11, 20)),
    came("Coming", "Quillfeather", starts_on=date(2026, 12, 1)),
]
MEDWAYS = [came("Millie", "Quillfeather")]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory, database_once: Databases) -> Iterator[Node]:
    with two_served(tmp_path_factory.mktemp("register"), database=database_once) as one:
        with writing(one.node_db) as connection:
            enter_notices(connection, one, operator("root"), KENT, KENTS)
            enter_notices(connection, one, operator("root"), MEDWAY, MEDWAYS)
        yield one


@pytest.fixture(scope="module")
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture(scope="module")
def night(app: Flask, node: Node) -> FlaskClient:
    """Somebody on duty at night for both authorities."""
    who = make_person(
        node, (Role.DUTY_OFFICER, KENT), (Role.DUTY_OFFICER, MEDWAY), name="Nia Night"
    )
    return carrying(app, session_for(node, who))


@pytest.fixture(scope="module")
def kents(app: Flask) -> FlaskClient:
    return signed_in(app, Role.DUTY_OFFICER, KENT, name="Olu Officer")


def ask(browser: FlaskClient, path: str = "/register", **form: str) -> TestResponse:
    return browser.post(path, data={**WHY, **form, "csrf_token": form_token(browser, "/register")})


def looks(node: Node, since: int = 0) -> list[Any]:
    """Rows of the audit about the register, after one."""
    with reading(node.node_db) as connection:
        rows = connection.execute(
            select(audit_row)
            .where(audit_row.c.record == "register", audit_row.c.seq > since)
            .order_by(audit_row.c.seq)
        )
        return list(rows)


def newest(node: Node) -> int:
    with reading(node.node_db) as connection:
        return connection.scalar(select(func.max(audit_row.c.seq))) or 0


def test_who_lives_here_today_stands_there_with_whom_to_call(kents: FlaskClient) -> None:
    shown = words_of(ask(kents))
    assert "Register: live here today" in shown
    assert "4 in all, placed by 2 authorities" in shown
    for there in ("Zoë Ní Bhriain", "9 April 2012, 14 years", "Since 2 March 2026", "18 or over"):
        assert there in shown
    assert "Call first: Social worker, Wendy Worker 01632 960101" in shown
    assert "Leaving Todaykin" in shown, "who leaves today is there today"
    for elsewhere in ("Gone", "Coming Quillfeather", "Millie"):
        assert elsewhere not in shown
    assert "Coming Quillfeather" in words_of(ask(kents, when="coming"))
    assert "Gone Quillfeather" in words_of(ask(kents, when="left"))


def test_it_is_narrowed_by_home_authority_and_kind(kents: FlaskClient) -> None:
    for form, expected in (
        ({"home": "SC100001"}, 3),
        ({"home": "none"}, 1),
        ({"from": LEWISHAM}, 1),
        ({"setting": "foster care"}, 1),
        ({"setting": "foster care", "from": LEWISHAM}, 0),
        ({"setting": "no such", "page": "²", "when": "ever"}, 4),
    ):
        assert ask(kents, **form).text.count('role="rowheader"') == expected, form


def test_a_team_for_two_authorities_has_one_page_and_each_its_own_row(
    node: Node, night: FlaskClient, kents: FlaskClient
) -> None:
    before = newest(node)
    shown = words_of(ask(night))
    assert "Millie Quillfeather" in shown
    assert "Zoë Ní Bhriain" in shown
    rows = looks(node, before)
    assert [(row.authority, row.who_name) for row in rows] == [
        (MEDWAY, "Nia Night"),
        (KENT, "Nia Night"),
    ]
    assert all(row.reason is not None for row in rows)
    with reading(node.node_db) as connection:
        here = connection.scalars(
            select(received_notice.c.id).where(received_notice.c.area_authority == MEDWAY)
        ).all()
    assert rows[0].detail == f"page 1 of 1: {here[0]}", "it says whose records were shown"
    before = newest(node)
    assert "Millie" not in words_of(ask(night, area=KENT))
    assert [row.authority for row in looks(node, before)] == [KENT]
    assert ask(kents, area=MEDWAY).status_code == 404


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("zoe", "Zoë"),
        ("BHRIAIN zo", "Zoë"),
        ("9/4/2012", "Zoë"),
        ("9 April 2012", "Zoë"),
        ("2012-04-09 zoe", "Zoë"),
        ("kid 90210", "Zoë"),
        ("90210", "Zoë"),
        ("obrien", "Anne-Marie"),
        ("O'Brien Smith", "Anne-Marie"),
        ("anne marie", "Anne-Marie"),
    ],
)
def test_a_missing_child_is_found_however_it_is_spelt(
    kents: FlaskClient, typed: str, found: str
) -> None:
    answer = ask(kents, words=typed)
    assert answer.text.count('role="rowheader"') == 1
    assert found in words_of(answer)
    assert "Call first:" in words_of(answer)


def test_a_search_finds_who_is_to_come_and_who_has_left_after_who_is_here(
    node: Node, night: FlaskClient
) -> None:
    before = newest(node)
    answer = ask(night, words="quillfeather")
    shown = words_of(answer)
    order = [shown.index(f"{name} Quillfeather") for name in ("Coming", "Grown", "Gone")]
    assert order == sorted(order)
    assert "Millie" in shown
    rows = looks(node, before)
    assert [row.authority for row in rows] == [MEDWAY, KENT]
    assert len(rows[1].detail.split()) == len(["a", "search,", "found:"]) + 3
    assert "quillfeather" not in repr(rows).lower(), "what was looked for is not written down"
    assert "Nobody found" in words_of(ask(night, words="nosuchname"))
    assert [row.detail for row in looks(node, rows[-1].seq)] == ["a search, found: nobody"] * 2


@pytest.mark.parametrize("typed", ["a", "  ", "'", "%", "x" * 121])
def test_what_would_find_everybody_is_not_looked_for(typed: str) -> None:
    with pytest.raises(NothingToFind):
        read_sought(typed)


def test_without_a_reason_nothing_is_shown_and_nothing_is_in_an_address(
    node: Node, kents: FlaskClient
) -> None:
    before = newest(node)
    for form in ({"reason": ""}, {"reason": "other", "reason_other": "x"}, {"reason": "made up"}):
        for path in ("/register", "/register.csv"):
            answer = ask(kents, path, **form, words="zoe")
            assert answer.status_code == 400
            assert "Bhriain" not in answer.text
    assert looks(node, before) == []
    page = ask(kents, words="zoe")
    addresses = re.findall(r'(?:href|action|formaction)="([^"]*)"', page.text)
    assert not [one for one in addresses if "?" in one or "zoe" in one.lower()]
    assert "Bhriain" not in page.text.partition("<title>")[2].partition("</title>")[0]
    assert page.headers["Cache-Control"] == "no-store"


def test_it_is_saved_as_a_table_with_what_was_asked_for(node: Node, kents: FlaskClient) -> None:
    before = newest(node)
    answer = ask(kents, "/register.csv", home="none")
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert len(lines) == 2
    assert '"Quillfeather"' in lines[1]
    assert "Quillfeather" not in answer.headers["Content-Disposition"]
    (row,) = looks(node, before)
    assert row.detail.startswith("saved as a table: ")


def test_nobody_but_a_duty_officer_reads_it(app: Flask) -> None:
    for role in (Role.COMMISSIONER, Role.GOVERNANCE_OFFICER, Role.AUTHORITY_ADMINISTRATOR):
        assert signed_in(app, role, KENT).get("/register").status_code == 403


def test_what_was_destroyed_is_shown_to_nobody(node: Node, kents: FlaskClient) -> None:
    who = operator("root")
    with writing(node.node_db) as connection:
        (number,) = enter_notices(connection, node, who, KENT, [came("Erased", "Vanish")])
    assert "Vanish" in words_of(ask(kents, words="vanish"))
    with writing(node.node_db) as connection:
        erase_notice(connection, node, who, authority=KENT, notice=number, reason="Sent in error")
    assert "Nobody found" in words_of(ask(kents, words="vanish"))
    assert ask(kents).status_code == 200
    with writing(node.node_db) as connection:
        connection.execute(received_notice.delete().where(received_notice.c.id == number))


def test_whom_to_call_first_depends_on_the_hour() -> None:
    says = KENTS[0].says
    friday = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    for moment, first in (
        (friday, WORKER),
        (friday + timedelta(hours=8), NIGHT),
        (friday + timedelta(days=1), NIGHT),
        (datetime(2026, 12, 25, 11, 0, tzinfo=UTC), NIGHT),
        (datetime(2026, 7, 3, 8, 30, tzinfo=UTC), WORKER),  # half past nine in summer
    ):
        assert calls(says, LEEDS, moment)[0].contact == first, moment
    assert calls(Entered(says.child, says.placement), LEEDS, friday) == []


def test_a_notice_is_entered_by_hand_and_waits_for_nobody(kents: FlaskClient, node: Node) -> None:
    page = f"/authorities/{KENT}/notices/entered"
    token = form_token(kents, page)
    empty = kents.post(page, data={"csrf_token": token})
    assert empty.status_code == 400
    assert "Enter the address of the placement" in words_of(empty)
    form = {
        **{"by": "telephone", "placing": LEEDS, "given_name": "Paper", "family_name": "Postbag"},
        **{"on-day": "19", "on-month": "11", "on-year": "2026", "setting": "foster care"},
        **{"starts_on-day": "18", "starts_on-month": "11", "starts_on-year": "2026"},
        **{"address": "2 Sample Lane", "social_worker_telephone": "01632 960101"},
        "csrf_token": token,
    }
    assert "Enter who answers this number" in words_of(kents.post(page, data=form))
    done = kents.post(page, data={**form, "social_worker_name": "Wendy Worker"})
    assert done.status_code == 303
    assert "Postbag" not in (done.location or "")
    assert "Entered under the reference" in words_of(kents.get(done.location or ""))
    assert "Entered here from a telephone call" in words_of(ask(kents, words="postbag"))
    assert "Every notice to Kent has been acknowledged" in words_of(
        kents.get(f"/authorities/{KENT}/notices/received")
    )
    with writing(node.node_db) as connection:
        connection.execute(
            update(received_notice)
            .where(received_notice.c.came_by == "telephone")
            .values(withdrawn_at=node.now())
        )


LIST = (
    "Surname,First name,DOB,Placing LA,Start date,Placement address,Social worker,SW phone\n"
    "Listfield,Lou,1/2/2013,Leeds,5/1/2026,3 Sample Lane,Wendy Worker,01632 960101\n"
    "Listfield,Lou,1/2/2013,Leeds,05/01/2026,3 Sample Lane,,\n"
    "Ní Bhriain,Zoe,,Leeds,2/3/2026,,,\n"
    "Nowhere,Nia,,Atlantis,5/1/2026,,,\n"
    "Ownchild,Oz,,Kent,5/1/2026,,,\n"
    "Unborn,Una,1/1/2027,Leeds,5/1/2026,,,\n"
)


def test_a_list_that_was_kept_until_now_is_imported_once(kents: FlaskClient, node: Node) -> None:
    page = f"/authorities/{KENT}/notices/entered/list"
    token = {"csrf_token": form_token(kents, page)}

    def upload() -> str:
        file = (io.BytesIO(LIST.encode()), "list.csv")
        answer = kents.post(page, data={**token, "sheet": file})
        assert answer.status_code == 303
        return answer.location or ""

    there = upload()
    asked = kents.get(there).text
    selects = re.findall(r'<select[^>]*name="([a-z_]+)"[^>]*>(.*?)</select>', asked, re.S)
    chosen = {name: re.search(r'value="(\d+)"\s+selected', options) for name, options in selects}
    found = {name: match[1] for name, match in chosen.items() if match}
    assert (found["placing"], found["family_name"], found["address"]) == ("3", "0", "5")
    columns = {**found, "social_worker_telephone": "7"}
    assert kents.post(there, data={**token, **columns, "placing": ""}).status_code == 400
    preview = kents.post(there, data={**token, **columns, "step": "check"})
    said = words_of(preview)
    assert "New in the register 1 In the register already, or twice in the list 2" in said
    for line in ("Row 5, Placing authority", "Row 6, Placing authority", "Row 7, Date of birth"):
        assert line in said
    assert "Atlantis" not in preview.text
    assert "Nobody found" in words_of(ask(kents, words="listfield")), "nothing is entered yet"
    done = kents.post(there, data={**token, **columns, "step": "import"})
    assert "The list is imported" in words_of(done)
    shown = words_of(ask(kents, words="listfield"))
    assert "1 found" in shown
    assert "Wendy Worker 01632 960101" in shown
    assert kents.get(there).status_code == 400, "what was read is destroyed"
    again = upload()
    kept = re.findall(r'value="7"\s+selected', kents.get(again).text)
    assert kept, "what was said of the columns is kept"
    twice = kents.post(again, data={**token, **columns, "step": "check"})
    assert "New in the register 0" in words_of(twice)
    with writing(node.node_db) as connection:
        connection.execute(
            update(received_notice)
            .where(received_notice.c.came_by == "list")
            .values(withdrawn_at=node.now())
        )
