"""The audit page: who may read it, how it is narrowed, and what becomes of hostile text."""

import csv
import io
import re
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from directory.app import create_app
from directory.security.audit.models import audit_row
from directory.security.audit.service import note
from directory.security.rights.principal import Grant, Principal
from directory.security.rights.roles import Role
from federation import Node, writing
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import HOSTILE, title_of, words_of
from tests.directory.worlds import KENT, LEEDS, consortium

AUDIT = f"/authorities/{KENT}/audit"
OLU = Principal("person:olu", "Olu Officer", frozenset({Grant(Role.DUTY_OFFICER, KENT)}))


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    with consortium(tmp_path_factory.mktemp("audited"), {}) as world:
        yield world.reader


@pytest.fixture(scope="module")
def app(node: Node) -> Flask:
    return create_app(node)


@pytest.fixture(scope="module")
def officer(app: Flask) -> FlaskClient:
    return signed_in(app, Role.GOVERNANCE_OFFICER, KENT, name="Gita Governance")


def noted(node: Node, action: str = "read a notice", **known: str) -> None:
    with writing(node.node_db) as connection:
        said = {"authority": KENT, "record": "notice/1", "reason": "The child is missing", **known}
        note(connection, node, OLU, action, **said)


@pytest.fixture(scope="module")
def two_looks(node: Node) -> None:
    noted(node, record="notice/narrow")
    noted(node, "acknowledge a notice", record="notice/narrow")


def rows_on(page: str) -> int:
    return page.count('data-heading="When"')


def test_nothing_noted_is_said(tmp_path_factory: pytest.TempPathFactory) -> None:
    with consortium(tmp_path_factory.mktemp("empty"), {}) as world:
        officer = signed_in(create_app(world.reader), Role.GOVERNANCE_OFFICER, KENT)
        assert "Nobody has looked at or changed a record of Kent yet" in words_of(
            officer.get(AUDIT)
        )


def test_a_look_is_shown_with_its_reason_and_reading_is_noted(
    node: Node, officer: FlaskClient
) -> None:
    noted(node, record="notice/shown")
    first = words_of(officer.get(AUDIT))
    for told in ("Olu Officer", "Read a notice", "notice/shown", "The child is missing"):
        assert told in first
    assert "20 November 2026 at 09:30" in first
    again = words_of(officer.get(AUDIT))
    assert "Gita Governance" in again
    assert "Read the audit of an authority’s records" in again.replace("'", "’")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("record=notice/narrow", 2),
        ("record=notice/narrow&done=ACKNOWLEDGE", 1),
        ("record=notice/narrow&by=olu", 2),
        ("record=notice/narrow&by=nobody", 0),
        ("record=notice/narrow&by=%25", 0),
        ("record=notice/narrow&last-day=19&last-month=11&last-year=2026", 0),
        ("record=notice/narrow&last-day=20&last-month=11&last-year=2026", 2),
        ("record=notice/narrow&first-day=20&first-month=11&first-year=2026", 2),
        ("record=notice/narrow&first-day=21&first-month=nov&first-year=2026", 0),
        ("record=notice/narrow&first-day=1&first-month=1&first-year=0001", 2),
    ],
)
def test_the_rows_are_narrowed(
    two_looks: None, officer: FlaskClient, query: str, found: int
) -> None:
    page = officer.get(f"{AUDIT}?{query}")
    assert page.status_code == 200
    assert rows_on(page.text) == found
    if not found:
        assert "Nothing fits" in words_of(page)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("first-day=31&first-month=2&first-year=2026", "First day must be a real date"),
        ("last-day=1", "Last day must include a month and a year"),
        (
            "first-day=2&first-month=1&first-year=2026&last-day=1&last-month=1&last-year=2026",
            "Last day must be the same as or after the first day",
        ),
        ("last-day=31&last-month=12&last-year=9999", "Last day must be a day that can come"),
        (f"by={'x' * 121}", "Look for 120 characters or fewer"),
    ],
)
def test_what_cannot_be_narrowed_to_is_said(
    node: Node, officer: FlaskClient, query: str, told: str
) -> None:
    page = officer.get(f"{AUDIT}?{query}")
    assert page.status_code == 400
    assert title_of(page).startswith("Error: ")
    assert words_of(page).count(told) == 2
    assert rows_on(page.text) == 0
    assert officer.get(f"{AUDIT}.csv?{query}").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "before=x",
        "before=-1",
        "before=" + "9" * 30,
        "authority=E1",
        "_external=1",
        "_anchor=x",
        "a%00=b",
    ],
)
def test_odd_addresses_are_no_failures(officer: FlaskClient, query: str) -> None:
    assert officer.get(f"{AUDIT}?{query}").status_code == 200


def test_long_audits_come_in_pages(node: Node, officer: FlaskClient) -> None:
    for number in range(51):
        noted(node, record=f"paged/{number:02}")
    first = officer.get(f"{AUDIT}?record=paged/")
    assert rows_on(first.text) == 50
    assert "paged/50" in first.text
    older = re.search(r'href="([^"]*before=[^"]*)"', first.text)
    assert older
    second = officer.get(older[1].replace("&amp;", "&"))
    assert rows_on(second.text) == 1
    assert "paged/00" in second.text
    assert "Newest" in words_of(second)


def test_the_table_for_a_spreadsheet_runs_nothing(node: Node, officer: FlaskClient) -> None:
    noted(node, record="export/1", reason="=HYPERLINK(1) is why")
    answer = officer.get(f"{AUDIT}.csv?record=export/")
    assert answer.headers["Content-Disposition"] == (
        f"attachment; filename=audit-{KENT}-2026-11-20.csv"
    )
    assert answer.headers["Cache-Control"] == "no-store"
    headings, row = csv.reader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert dict(zip(headings, row, strict=True))["Reason"] == "'=HYPERLINK(1) is why"


def test_hostile_text_is_shown_as_text(node: Node, officer: FlaskClient) -> None:
    noted(node, record="hostile", reason=HOSTILE, detail=HOSTILE)
    for page in (officer.get(f"{AUDIT}?record=hostile"), officer.get(f"{AUDIT}?by={HOSTILE}")):
        for mark in ("<script>alert", 'onmouseover="x"', " 49 "):
            assert mark not in page.text


def test_the_chain_is_checked_when_asked(node: Node, officer: FlaskClient) -> None:
    noted(node)
    assert "The audit is sound" not in words_of(officer.get(AUDIT))
    token = {"csrf_token": form_token(officer, AUDIT)}
    assert "The audit is sound" in words_of(officer.post(AUDIT, data=token))
    with writing(node.node_db) as connection:
        seq = connection.scalar(select(audit_row.c.seq).order_by(audit_row.c.seq.desc()).limit(1))
        was = connection.scalar(select(audit_row.c.who_name).where(audit_row.c.seq == seq))
        rewritten = update(audit_row).where(audit_row.c.seq == seq)
        connection.execute(rewritten.values(who_name="Somebody else"))
    shown = words_of(officer.post(AUDIT, data=token))
    assert f"The audit is NOT sound: row {seq} was rewritten" in shown
    with writing(node.node_db) as connection:
        connection.execute(rewritten.values(who_name=was))


def test_another_authority_s_audit_is_closed(app: Flask, officer: FlaskClient) -> None:
    for address in (f"/authorities/{LEEDS}/audit", f"/authorities/{LEEDS}/audit.csv"):
        assert officer.get(address).status_code == 403
    for role in (Role.DUTY_OFFICER, Role.AUTHORITY_ADMINISTRATOR, Role.NODE_ADMINISTRATOR):
        browser = signed_in(app, role, KENT)
        assert browser.get(AUDIT).status_code == 403
        assert browser.get(f"{AUDIT}.csv").status_code == 403
        assert browser.post(AUDIT).status_code == 403


def test_rows_of_other_authorities_and_of_the_node_are_not_shown(
    node: Node, officer: FlaskClient
) -> None:
    with writing(node.node_db) as connection:
        note(connection, node, OLU, "look elsewhere", authority=LEEDS, record="notice/theirs")
        note(connection, node, OLU, "look at the node", record="node/secret")
    shown = officer.get(AUDIT).text + officer.get(f"{AUDIT}.csv").text
    assert "notice/theirs" not in shown
    assert "node/secret" not in shown
