"""Whoever owes an answer, and whoever waits for it, is reminded: on the page, and by an email."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import TypeAlias

import pytest
from sqlalchemy import delete, select, update

from directory.app import create_app
from directory.country.reference.working_days import london_day
from directory.node.running.emailing import REMINDERS
from directory.notices.died import note_received
from directory.notices.following.saying import Saying
from directory.notices.models import received_notice, sent_notice
from directory.notices.reminding.mailing import Remind
from directory.security.mail.notify import NotifyMailer
from directory.security.people.models import person
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import Node, reading, writing
from tests.directory.correspondence import CHILD, Correspondence
from tests.directory.notify_service import NotifyService, notify_service
from tests.directory.people import make_person, signed_in
from tests.directory.test_partners import place
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, LEEDS

WHO = operator("test")
AT = "https://hearth.example"
Notify: TypeAlias = tuple[NotifyService, NotifyMailer]
IN_TIME, LATE, STILL, EVER = (timedelta(days=one) for one in (6, 8, 15, 40))


@pytest.fixture(scope="module")
def notify(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Notify]:
    with notify_service(tmp_path_factory.mktemp("notify")) as one:
        yield one


@pytest.fixture
def post(post: Correspondence) -> Correspondence:
    """Without a notice, and with one person on either side."""
    for node in (post.placing, post.area):
        with writing(node.node_db) as connection:
            connection.execute(delete(received_notice))
            connection.execute(delete(sent_notice))
            connection.execute(update(person).values(disabled_at=node.now()))
    return post


def email_of(node: Node, who: str) -> str:
    with reading(node.node_db) as connection:
        return str(connection.scalar(select(person.c.email).where(person.c.id == who)))


def remind(node: Node, notify: Notify, after: timedelta) -> list[tuple[str, str]]:
    """Who is written to so much later, and what; each time by a worker that has just begun."""
    then = node.now() + after
    Remind(notify[1], AT, REMINDERS)(replace(node, now=lambda: then))
    came = []
    while not notify[0].came.empty():
        to, subject, text = notify[0].came.get_nowait()
        assert not [one for one in CHILD if one in subject + text], "an email names no child"
        came.append((to, f"{subject}\n{text}"))
    return came


def test_both_sides_are_reminded_once_a_step_until_it_is_acknowledged(
    post: Correspondence, notify: Notify
) -> None:
    cola = email_of(post.placing, make_person(post.placing, (Role.COMMISSIONER, KENT)))
    duty = make_person(post.area, (Role.DUTY_OFFICER, LEEDS))
    make_person(post.placing, (Role.GOVERNANCE_OFFICER, KENT))
    notice = place(post)
    assert remind(post.placing, notify, IN_TIME) == []
    assert remind(post.area, notify, IN_TIME) == []
    for step in (LATE, STILL):
        ((to, said),) = remind(post.placing, notify, step)
        assert to == cola, "who sends notices, and not whoever else works there"
        assert "Kent: 1 notice not acknowledged in time" in said
        assert f"{notice[:4].upper()}\N{NO-BREAK SPACE}{notice[4:8].upper()} to Leeds" in said
        assert f"{AT}/authorities/{KENT}/notices/sent" in said
        ((to, said),) = remind(post.area, notify, step)
        assert to == email_of(post.area, duty)
        assert "Leeds: 1 notice received and not acknowledged in time" in said
        assert remind(post.placing, notify, step) == [], "once"
        assert remind(post.area, notify, step) == []
    assert remind(post.placing, notify, EVER) == [], "and then it stands on the page alone"


def test_nobody_is_reminded_of_a_child_who_died(post: Correspondence, notify: Notify) -> None:
    make_person(post.placing, (Role.COMMISSIONER, KENT))
    make_person(post.area, (Role.DUTY_OFFICER, LEEDS))
    notice, today = place(post), london_day(post.area.now())
    with writing(post.area.node_db) as connection:
        note_received(connection, post.area, WHO, LEEDS, notice, today)
    assert remind(post.area, notify, LATE) == []
    assert len(remind(post.placing, notify, LATE)) == 1, "each side notes it on its own"
    with writing(post.placing.node_db) as connection:
        saying = Saying(connection, post.placing, WHO, placing=KENT, notice=notice)
        saying.end(ended_on=today, planned=False, given_by="nobody", why="died")
    assert remind(post.placing, notify, STILL) == [], "though the notice was to begin later"
    with writing(post.area.node_db) as connection:
        note_received(connection, post.area, WHO, LEEDS, notice, None)
    assert len(remind(post.area, notify, LATE)) == 1, "noted by mistake"


def test_the_pages_of_both_say_so(post: Correspondence) -> None:
    notice = place(post)
    then = post.placing.now() + LATE
    app = create_app(replace(post.placing, now=lambda: then))
    browser = signed_in(app, Role.COMMISSIONER, KENT)
    assert "Notices sent 1 not acknowledged in time" in words_of(browser.get("/"))
    desk = signed_in(create_app(replace(post.area, now=lambda: then)), Role.DUTY_OFFICER, LEEDS)
    assert "1 not yet acknowledged, 1 overdue" in words_of(desk.get("/"))
    shown = words_of(browser.get(f"/authorities/{KENT}/notices/sent/{notice}"))
    assert "Not acknowledged" in shown
    assert "It was to be acknowledged by 27 November 2026. Call Leeds and ask." in shown


def test_who_has_taken_a_notice_is_reminded_of_it_and_nobody_else(
    post: Correspondence, notify: Notify
) -> None:
    place(post)
    duty, other = (make_person(post.area, (Role.DUTY_OFFICER, LEEDS)) for _ in range(2))
    with writing(post.area.node_db) as connection:
        connection.execute(update(received_notice).values(taken_by=duty))
    assert [to for to, _ in remind(post.area, notify, LATE)] == [email_of(post.area, duty)]
    with writing(post.area.node_db) as connection:
        gone = update(person).where(person.c.id == duty)
        connection.execute(gone.values(disabled_at=post.area.now()))
    assert [to for to, _ in remind(post.area, notify, STILL)] == [email_of(post.area, other)]


def test_what_nobody_takes_is_tried_again_and_what_is_over_is_not(
    post: Correspondence, notify: Notify
) -> None:
    make_person(post.placing, (Role.COMMISSIONER, KENT))
    place(post)
    service = notify[0]
    service.refuses = (500, "Exception", "Internal server error")
    assert remind(post.placing, notify, LATE) == []
    service.refuses = None
    with writing(post.placing.node_db) as connection:
        connection.execute(update(sent_notice).values(withdrawn_at=post.placing.now()))
    assert remind(post.placing, notify, LATE) == [], "it was withdrawn"
    with writing(post.placing.node_db) as connection:
        connection.execute(update(sent_notice).values(withdrawn_at=None))
    assert len(remind(post.placing, notify, LATE)) == 1
    with writing(post.placing.node_db) as connection:
        connection.execute(update(sent_notice).values(acknowledged_at=post.placing.now()))
    assert remind(post.placing, notify, STILL) == []
