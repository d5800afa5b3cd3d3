"""What is held about one child, found by name and birthday, and exported with who looked."""

import json
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.notices.received import read_received
from directory.notices.sent import send_notice
from directory.placing.register.service import add_child
from directory.placing.register.values import ChildFacts
from directory.privacy.restricting.models import restriction
from directory.security.audit.models import audit_row
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import reading, writing
from protocols.notices import Child
from tests.directory.correspondence import AREA, PLACING, Correspondence, correspondence
from tests.directory.people import form_token, signed_in
from tests.federation.worlds import a_notice

WHO = operator("tests")
THERE = f"/authorities/{AREA}/subject-access"
RETENTION = f"/authorities/{AREA}/retention"
BORN = date(2012, 5, 17)
ASKED = {
    "given_name": "Zoë",
    "family_name": "O’Quillfeather",
    "born_on-day": "17",
    "born_on-month": "5",
    "born_on-year": "2012",
    "reason": "Request 2026/114",
}


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Correspondence]:
    """Kent has told Leeds of one child, whose name is spelt without accents, and of another."""
    with correspondence(tmp_path_factory.mktemp("subject")) as made:
        for child in (
            Child("KID-1", "Zoe", "O'Quillfeather", BORN),
            Child("KID-2", "Somebody", "Else", BORN),
        ):
            with writing(made.placing.node_db) as connection:
                send_notice(
                    *(connection, made.placing, WHO, a_notice(child=child)),
                    placing=PLACING,
                    area=AREA,
                )
        made.deliver()
        with writing(made.placing.node_db) as connection:
            facts = ChildFacts("KID-1", "Zoë", "OQuillfeather", BORN)
            add_child(connection, made.placing, WHO, PLACING, facts)
        yield made


@pytest.fixture(scope="module")
def app(post: Correspondence) -> Flask:
    return create_app(post.area)


def ask(browser: FlaskClient, path: str, data: dict[str, Any], at: str = THERE) -> TestResponse:
    """Send a form with the token of the page on which it stands."""
    return browser.post(path, data={**data, "csrf_token": form_token(browser, at)})


def chosen(page: str) -> list[str]:
    return [part.split('"')[0] for part in page.split('value="') if part.startswith("notice/")]


def test_an_officer_looks_chooses_and_gets_all_of_it_with_who_looked(
    app: Flask, post: Correspondence
) -> None:
    browser = signed_in(app, Role.GOVERNANCE_OFFICER, AREA)
    found = ask(browser, THERE, ASKED)
    (record,) = chosen(found.text)
    assert "Quillfeather" not in found.text, "what was typed is not repeated"
    assert "given name, family name, birthday" in found.text
    with writing(post.area.node_db) as connection:
        notice = record.partition("/")[2]
        read_received(connection, post.area, WHO, area=AREA, notice=notice, reason="Missing")
    export = ask(browser, f"{THERE}/export", {"record": record, "reason": ASKED["reason"]})
    assert "Quillfeather" not in export.headers["Content-Disposition"]
    with ZipFile(BytesIO(export.data)) as archive:
        assert archive.namelist() == ["record.json", "read.html"]
        said = json.loads(archive.read("record.json"))
        page = archive.read("read.html").decode()
    (one,) = said["records"]
    assert one["held"]["notice"]["says"]["child"]["family_name"] == "O'Quillfeather"
    assert one["held"]["dates"]["placing_authority"] == PLACING
    assert "Missing" in [look["reason"] for look in one["looks_and_changes"]]
    assert "O&#39;Quillfeather" in page
    assert "Somebody" not in page + json.dumps(said)
    with reading(post.area.node_db) as connection:
        rows = connection.execute(
            select(audit_row.c.record, audit_row.c.detail).where(
                audit_row.c.action == "export all that is held about one child"
            )
        ).all()
    assert rows == [
        ("subject access", "looked for one child: 1 records"),
        (record, "exported"),
    ]


def test_the_register_and_what_was_sent_are_found_at_the_placing_authority(
    post: Correspondence,
) -> None:
    browser = signed_in(create_app(post.placing), Role.GOVERNANCE_OFFICER, PLACING)
    there = f"/authorities/{PLACING}/subject-access"
    page = ask(browser, there, ASKED, there).text
    records = [one for one in page.split('value="') if one.startswith(("notice/", "child/"))]
    names = [one.split('"')[0] for one in records]
    export = ask(browser, f"{there}/export", {"record": names, "reason": "Request 1"}, there)
    with ZipFile(BytesIO(export.data)) as archive:
        said = json.loads(archive.read("record.json"))
    assert sorted(one["kind"].split()[0] for one in said["records"]) == ["child", "notice"]


@pytest.mark.parametrize("role", [Role.DUTY_OFFICER, Role.COMMISSIONER, Role.NODE_ADMINISTRATOR])
def test_nobody_else_looks_or_exports(app: Flask, role: Role) -> None:
    browser = signed_in(app, role, AREA)
    for path in ("", "/export"):
        answer = browser.post(f"/authorities/{AREA}/subject-access{path}", data=ASKED)
        assert answer.status_code == 403


def test_without_a_reason_nothing_is_looked_for_or_exported(
    app: Flask, post: Correspondence
) -> None:
    browser = signed_in(app, Role.GOVERNANCE_OFFICER, AREA)
    assert ask(browser, THERE, ASKED | {"reason": ""}).status_code == 400
    (record,) = chosen(ask(browser, THERE, ASKED).text)
    assert ask(browser, f"{THERE}/export", {"record": record}).status_code == 400
    other = {"record": "notice/" + "0" * 32, "reason": "R 114"}
    assert ask(browser, f"{THERE}/export", other).status_code == 400


def test_a_restricted_record_is_exported_by_those_alone_who_are_named(
    app: Flask, post: Correspondence
) -> None:
    browser = signed_in(app, Role.GOVERNANCE_OFFICER, AREA)
    (record,) = chosen(ask(browser, THERE, ASKED).text)
    with writing(post.area.node_db) as connection:
        made_by = {"set_by": "Gil", "set_at": post.area.now(), "reason": b""}
        connection.execute(
            insert(restriction).values(id="r" * 32, authority=AREA, record=record, **made_by)
        )
    answer = ask(browser, f"{THERE}/export", {"record": record, "reason": "R 114"})
    assert answer.status_code == 403
    assert answer.mimetype != "application/zip"
    with writing(post.area.node_db) as connection:
        connection.execute(delete(restriction))


def test_a_hold_is_set_shown_and_lifted_on_its_page(app: Flask) -> None:
    browser = signed_in(app, Role.GOVERNANCE_OFFICER, AREA)

    def send(path: str, **form: str) -> int:
        return ask(browser, f"{RETENTION}/holds{path}", form, RETENTION).status_code

    assert send("", record="Zoë", reason="x") == 400
    assert send("", record="", reason="Inquiry 7 has asked") == 303
    page = browser.get(RETENTION).text
    assert "Inquiry 7 has asked" in page
    number = page.split("/retention/holds/")[1].split("/")[0]
    assert send(f"/{number}/lift", reason="It has reported") == 303
    assert "It has reported" in browser.get(RETENTION).text
    assert send(f"/{number}/lift", reason="Once more") == 404
