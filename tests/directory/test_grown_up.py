"""Who turns 18 leaves the list of children for one of their own, and is found there."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from directory.app import create_app
from directory.hosting.entering.service import enter_notices
from directory.hosting.register.growing_up import MarkGrownUp
from directory.notices.models import received_notice
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import reading, writing
from tests.databases import Databases
from tests.directory.entered import came
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import words_of
from tests.directory.worlds import KENT, NOW, two_served

TODAY = NOW.date()
YOUNG, ELDER, UNKNOWN = "Yan Young", "Eve Elder", "Una Unknown"
EVERY = [
    came("Yan", "Young", born=date(2012, 4, 9)),
    came("Eve", "Elder", born=TODAY.replace(year=TODAY.year - 18) + timedelta(days=1)),
    came("Una", "Unknown"),
    came("Lea", "Left", born=date(2001, 1, 1), ended_on=date(2026, 1, 1)),
    came("Willy", "Willcome", born=date(2001, 1, 1), starts_on=TODAY + timedelta(days=30)),
]


@dataclass
class Clock:
    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at


def shown(app: Flask, **form: str) -> str:
    browser = signed_in(app, Role.DUTY_OFFICER, KENT)
    form |= {"reason": "A child is missing, or may be at risk"}
    token = form_token(browser, "/register")
    return words_of(browser.post("/register", data={**form, "csrf_token": token}))


@pytest.mark.both_databases
def test_on_the_18th_birthday_somebody_moves_to_the_list_of_those_of_18_or_over(
    tmp_path: Path, database: Databases
) -> None:
    clock, chore = Clock(), MarkGrownUp()
    with two_served(tmp_path, clock, database) as node:
        with writing(node.node_db) as connection:
            enter_notices(connection, node, operator("root"), KENT, EVERY)
        app = create_app(node)

        def list_of(when: str) -> set[str]:
            page = shown(app, when=when)
            names = {f"{one.says.child.given_name} {one.says.child.family_name}" for one in EVERY}
            return {name for name in names if name in page}

        chore(node)
        assert list_of("today") == {YOUNG, ELDER, UNKNOWN}
        assert list_of("grown-up") == set()
        assert "18 or over lives here" not in shown(app)

        clock.at += timedelta(days=1)
        assert list_of("today") == {YOUNG, ELDER, UNKNOWN}
        chore(node)
        assert list_of("today") == {YOUNG, UNKNOWN}
        assert list_of("grown-up") == {ELDER}
        assert list_of("coming") == {"Willy Willcome"}
        assert list_of("left") == {"Lea Left"}
        page = shown(app)
        assert "One person of 18 or over lives here, too, and does not stand here" in page
        assert "2 children" in page
        assert "1 person" in shown(app, when="grown-up")
        assert ELDER in shown(app, words="Elder")

        clock.at -= timedelta(days=1)  # as if the day of birth had been corrected
        chore(node)
        assert list_of("today") == {YOUNG, ELDER, UNKNOWN}
        assert list_of("grown-up") == set()
        with reading(node.node_db) as connection:
            grown_up = received_notice.c.grown_up.is_(True)
            assert connection.scalar(select(func.count()).where(grown_up)) == 1
