"""The duty desk's inbox: what is due, who answers for what, several at once, and what is saved."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.country.reference.working_days import london_day
from directory.hosting.due import came_before, due_on, state_of
from directory.notices.models import received_notice
from directory.notices.sent import send_notice
from directory.security.audit.models import audit_row
from directory.security.people.models import person
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import reading, writing
from tests.directory.correspondence import AREA, CHILD, PLACING, Correspondence
from tests.directory.people import carrying, form_token, make_person, session_for, signed_in
from tests.directory.visiting import words_of
from tests.federation.worlds import a_notice

pytestmark = pytest.mark.both_databases(second_is_soak=True)
INBOX = f"/authorities/{AREA}/notices/received"
CONTACT = {"name": "Dana Duty", "role": "Duty", "telephone": "0113 496 0000", "step": "send"}


@pytest.fixture(scope="module")
def area(post: Correspondence) -> Flask:
    return create_app(post.area)


@pytest.fixture(scope="module")
def people(post: Correspondence) -> dict[str, str]:
    return {
        name: make_person(post.area, (Role.DUTY_OFFICER, AREA), name=name)
        for name in ("Olu Officer", "Nia Night")
    }


@pytest.fixture(scope="module")
def officer(area: Flask, post: Correspondence, people: dict[str, str]) -> FlaskClient:
    return carrying(area, session_for(post.area, people["Olu Officer"]))


@pytest.fixture(scope="module")
def _notices(post: Correspondence) -> list[str]:
    """27 notices, of which each came a day before the next, the last today; oldest first."""
    node = post.placing
    with writing(node.node_db) as connection:
        ids = [
            send_notice(connection, node, operator("root"), a_notice(), placing=PLACING, area=AREA)
            for _ in range(27)
        ]
    post.deliver()
    with writing(post.area.node_db) as connection:
        for age, one in enumerate(reversed(ids)):
            connection.execute(
                update(received_notice)
                .where(received_notice.c.id == one)
                .values(received_at=post.area.now() - timedelta(days=age))
            )
    return ids


@pytest.fixture
def notices(post: Correspondence, _notices: list[str]) -> list[str]:
    """The same, as if nobody had done anything with them."""
    undone = dict.fromkeys(("acknowledged_at", "taken_by", "ended_on", "withdrawn_at"))
    with writing(post.area.node_db) as connection:
        connection.execute(update(received_notice).values(undone))
    return _notices


def post_form(officer: FlaskClient, path: str, data: dict[str, Any]) -> TestResponse:
    return officer.post(path, data={**data, "csrf_token": form_token(officer, INBOX)})


def ids_on(page: str) -> list[str]:
    return re.findall(r'id="notice-([0-9a-f]{32})"', page)


# The node's clock stands at Friday 20 November 2026, 09:30.


def test_five_working_days_are_counted_from_the_day_on_which_it_came(post: Correspondence) -> None:
    node = post.area
    today = london_day(node.now())
    for age in range(20):
        came = node.now() - timedelta(days=age)
        last = due_on(node, AREA, came)
        expected = "overdue" if age > 7 else "today" if age >= 5 else "later"
        assert state_of(last, today) == expected, age
        assert (came < came_before(node, AREA, today)) is (expected == "overdue")
    # An hour before midnight in summer is the next day in London.
    assert due_on(node, AREA, datetime(2026, 8, 26, 23, 30, tzinfo=UTC)).isoformat() == "2026-09-04"


def test_what_waits_longest_comes_first_and_says_in_words_how_it_stands(
    officer: FlaskClient, notices: list[str]
) -> None:
    first = officer.get(INBOX)
    assert ids_on(first.text) == notices[:25]
    assert "Not yet acknowledged (27)" in words_of(first)
    assert '<strong class="govuk-tag govuk-tag--red">Overdue</strong>' in first.text
    assert "It was to be acknowledged by 30 October 2026" in words_of(first)
    assert ids_on(officer.get(f"{INBOX}?page=2").text) == notices[25:]
    assert ids_on(officer.get(f"{INBOX}?show=all").text) == notices[:1:-1]
    for due, expected in (
        ("overdue", notices[:19]),
        ("today", notices[19:22]),
        ("later", notices[22:]),
    ):
        assert ids_on(officer.get(f"{INBOX}?due={due}").text) == expected
    for odd in ("page=0", "page=²", "due=x", "from=x'", "with=%00", "show=none"):
        assert officer.get(f"{INBOX}?{odd}").status_code == 200
    assert ids_on(officer.get(f"{INBOX}?from={AREA}").text) == []


def test_notices_are_taken_given_to_a_colleague_and_given_back(
    post: Correspondence, officer: FlaskClient, notices: list[str], people: dict[str, str]
) -> None:
    three = notices[:3]
    post_form(officer, INBOX, {"notice": three, "do": "take"})
    assert ids_on(officer.get(f"{INBOX}?show=mine").text) == three
    post_form(officer, INBOX, {"notice": three[:1], "do": "give", "colleague": people["Nia Night"]})
    assert "With Nia Night" in words_of(officer.get(f"{INBOX}?with={people['Nia Night']}"))
    post_form(officer, INBOX, {"notice": three[1:2], "do": "back"})
    assert ids_on(officer.get(f"{INBOX}?show=mine").text) == three[2:]
    assert three[1] in ids_on(officer.get(f"{INBOX}?with=nobody").text)
    with reading(post.area.node_db) as connection:
        rows = connection.execute(
            select(audit_row.c.record, audit_row.c.detail).where(
                audit_row.c.action == "say who answers for a notice that was received"
            )
        ).all()
    assert len(rows) >= 5
    assert rows[-1] == (f"notice/{three[1]}", "given back")


def test_a_notice_is_given_to_nobody_who_does_not_work_there(
    post: Correspondence, officer: FlaskClient, notices: list[str], people: dict[str, str]
) -> None:
    stranger = make_person(post.area, (Role.COMMISSIONER, AREA))
    leaver = make_person(post.area, (Role.DUTY_OFFICER, AREA), name="Lee Leaver")
    with writing(post.area.node_db) as connection:
        connection.execute(
            update(person).where(person.c.id == leaver).values(disabled_at=post.area.now())
        )
    for whom in (stranger, leaver, "0" * 32, ""):
        form = {"notice": notices[5:6], "do": "give", "colleague": whom}
        answer = post_form(officer, INBOX, form)
        assert answer.status_code == 400
    assert "Lee Leaver" not in officer.get(INBOX).text
    empty = post_form(officer, INBOX, {"do": "take"})
    assert "Tick the notices that are meant" in words_of(empty)


def test_several_are_acknowledged_with_one_contact_and_none_twice(
    post: Correspondence, officer: FlaskClient, notices: list[str]
) -> None:
    form = {"notice": notices[10:13]}
    asked = post_form(officer, f"{INBOX}/acknowledge", form)
    assert "Acknowledge 3 notices with one contact" in words_of(asked)
    wrong = post_form(officer, f"{INBOX}/acknowledge", {**form, "step": "send"})
    assert wrong.status_code == 400
    done = post_form(officer, f"{INBOX}/acknowledge", {**form, **CONTACT})
    assert "3 notices acknowledged" in words_of(officer.get(done.location))
    again = {"notice": [*notices[12:14], "0" * 32], **CONTACT}
    done = post_form(officer, f"{INBOX}/acknowledge", again)
    assert "1 notice acknowledged" in words_of(officer.get(done.location))
    assert "Not yet acknowledged (23)" in words_of(officer.get(INBOX))
    post.deliver()


def test_what_has_ended_or_was_withdrawn_leaves_the_desk_by_itself(
    post: Correspondence, officer: FlaskClient, notices: list[str]
) -> None:
    today = london_day(post.area.now())
    with writing(post.area.node_db) as connection:
        for one, values in (
            (notices[20], {"ended_on": today - timedelta(days=1)}),
            (notices[21], {"ended_on": today}),  # is there until tonight
            (notices[22], {"withdrawn_at": post.area.now()}),
        ):
            connection.execute(
                update(received_notice).where(received_notice.c.id == one).values(**values)
            )
    assert ids_on(officer.get(f"{INBOX}?show=ended").text) == [notices[22], notices[20]]
    waiting = ids_on(officer.get(f"{INBOX}?print=1").text)
    assert notices[21] in waiting
    assert not {notices[20], notices[22]} & set(waiting)


def test_a_list_is_saved_for_a_reason_with_what_was_asked_for_and_no_child(
    post: Correspondence, officer: FlaskClient, notices: list[str]
) -> None:
    refused = post_form(officer, f"{INBOX}.csv?due=overdue", {"reason": "x"})
    assert refused.status_code == 400
    saved = post_form(officer, f"{INBOX}.csv?due=overdue", {"reason": "For the weekly meeting"})
    lines = saved.data.decode("utf-8-sig").splitlines()
    shown = re.search(
        r"Not yet acknowledged \((\d+)\)", words_of(officer.get(f"{INBOX}?due=overdue"))
    )
    assert shown
    assert len(lines) == 1 + int(shown[1])
    assert all('"Kent"' in line and '"Overdue"' in line for line in lines[1:])
    assert not [word for word in CHILD if word in saved.text]
    with reading(post.area.node_db) as connection:
        last = connection.execute(select(audit_row).order_by(audit_row.c.seq.desc()).limit(1)).one()
    assert (last.who_name, last.detail) == ("Olu Officer", f"{len(lines) - 1} notices")
    assert last.reason is not None


def test_nobody_but_the_duty_desk_changes_anything(area: Flask, notices: list[str]) -> None:
    stranger = signed_in(area, Role.COMMISSIONER, AREA)
    for path in (INBOX, f"{INBOX}/acknowledge", f"{INBOX}.csv"):
        assert stranger.post(path, data={"notice": notices[:1]}).status_code == 403
