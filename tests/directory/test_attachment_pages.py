"""Files that go with a notice, on the pages of both authorities."""

import html
import re
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import insert, select, text
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.notices.erasing import erase_notice
from directory.notices.schemas import OTHER_REASON
from directory.security.audit.models import audit_row
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from directory.web.headers import HEADERS, SAVED
from directory.web.uploads import Uploading
from federation import reading, writing
from federation.chunks.tables import outgoing_chunk
from protocols.attachments import MAX_ATTACHED
from tests.directory.correspondence import ANSWERS, AREA, PLACING, Correspondence
from tests.directory.files import DOCX, PDF, PNG, pdf
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import title_of, words_of

NEW = f"/authorities/{PLACING}/notices/new"
SENT = f"/authorities/{PLACING}/notices/sent"
INBOX = f"/authorities/{AREA}/notices/received"
REASON = "The child is missing, or may be at risk"
NAME = "Zebedee – care plan.pdf"


@pytest.fixture(scope="module")
def commissioner(post: Correspondence) -> FlaskClient:
    return signed_in(create_app(post.placing), Role.COMMISSIONER, PLACING)


@pytest.fixture(scope="module")
def area(post: Correspondence) -> Flask:
    return create_app(post.area)


@pytest.fixture(scope="module")
def officer(area: Flask) -> FlaskClient:
    return signed_in(area, Role.DUTY_OFFICER, AREA, name="Olu Officer")


def send(browser: FlaskClient, *files: tuple[str, bytes], **changes: str) -> TestResponse:
    """Fill in the form, and send it with files from the page on which it is checked."""
    page = browser.get(NEW).text
    form = {name: found(page, name) for name in ("form", "csrf_token")}
    check = browser.post(NEW, data={**ANSWERS, **changes, **form, "step": "check"})
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', check.text)
    again = {name: html.unescape(value) for name, value in hidden}
    assert 'enctype="multipart/form-data"' in check.text
    chosen = [(BytesIO(content), name) for name, content in files] or [(BytesIO(), "")]
    data = {**again, "attachments": chosen, "step": "send"}
    answer = browser.post(NEW, data=data, content_type="multipart/form-data")
    answer.request.environ["wsgi.input"].close()  # a file, where it is long
    return answer


def found(page: str, name: str) -> str:
    return page.partition(f'name="{name}" value="')[2].partition('"')[0]


def sent_id(answer: TestResponse) -> str:
    assert answer.status_code == 303, words_of(answer)
    return (answer.location or "").split("/")[-2]


def opened(browser: FlaskClient, notice: str, **why: str) -> TestResponse:
    address = f"{INBOX}/{notice}"
    form = {"csrf_token": form_token(browser, address)} | (why or {"reason": REASON})
    return browser.post(address, data=form)


def download(browser: FlaskClient, whole: TestResponse, number: int) -> TestResponse:
    """What the button beside a file gives."""
    forms = re.findall(r'<form action="([^"]+/attachments/\d+)".*?</form>', whole.text, re.DOTALL)
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', whole.text)
    data = {name: html.unescape(value) for name, value in fields}
    return browser.post(forms[number - 1], data=data)


def test_files_go_from_the_form_to_the_duty_officer(
    post: Correspondence, commissioner: FlaskClient, officer: FlaskClient
) -> None:
    notice = sent_id(send(commissioner, (NAME, PDF), ("C:\\scans\\photo.png", PNG)))
    assert "0 of 2 parts of its attachments are there" in words_of(commissioner.get(SENT))
    post.deliver()
    assert "Delivered" in words_of(commissioner.get(f"{SENT}/{notice}"))
    whole = opened(officer, notice, reason=OTHER_REASON, reason_other="The school has called.")
    assert f"{NAME} PDF, 1 KB Download" in words_of(whole)
    saved = download(officer, whole, 1)
    assert (saved.status_code, saved.data) == (200, PDF)
    assert saved.mimetype == "application/pdf"
    assert saved.headers["Content-Disposition"] == f"attachment; filename=notice-{notice[:8]}-1.pdf"
    assert saved.headers["Content-Security-Policy"] == SAVED
    others = {name: saved.headers[name] for name in HEADERS} | {"Content-Security-Policy": ""}
    assert others == HEADERS | {"Content-Security-Policy": ""}
    assert saved.headers["Cache-Control"] == "no-store"
    assert download(officer, whole, 2).data == PNG
    with reading(post.area.node_db) as connection:
        looks = connection.execute(
            select(audit_row.c.who_name, audit_row.c.detail)
            .where(audit_row.c.record == f"notice/{notice}", audit_row.c.reason.is_not(None))
            .order_by(audit_row.c.seq)
        ).all()
    assert looks == [("Olu Officer", one) for one in ("", "attachment 1", "attachment 2")]


def test_who_sent_it_sees_later_which_files_went(
    commissioner: FlaskClient, post: Correspondence
) -> None:
    notice = sent_id(send(commissioner, ("a.docx", DOCX)))
    post.deliver()
    address = f"{SENT}/{notice}"
    form = {"csrf_token": form_token(commissioner, address)}
    shown = commissioner.post(address, data=form | {"reason": "The placement has changed or ended"})
    assert "a.docx Word document, 1 KB" in words_of(shown)
    assert "Download" not in words_of(shown)


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([("plan.pdf", b"MZ\x90 program")], "“plan.pdf” is a program"),
        ([("a.pdf", PDF), ("b.pdf", pdf(b"/JS (x)"))], "“b.pdf” holds a script"),
        ([("a.png", PNG + bytes(MAX_ATTACHED))], "“a.png” is too large"),
        ([(f"{n}.png", PNG + bytes(MAX_ATTACHED // 3)) for n in range(3)], "“2.png” is too large"),
        ([(f"{n}.png", PNG) for n in range(11)], "Attach 10 files or fewer"),
    ],
    ids=["program", "script", "large", "large together", "many"],
)
def test_a_file_that_is_refused_is_named_beside_the_field_and_nothing_typed_is_lost(
    commissioner: FlaskClient, files: list[tuple[str, bytes]], why: str
) -> None:
    answer = send(commissioner, *files, identifier="KEPT-17")
    assert answer.status_code == 400
    assert title_of(answer).startswith("Error: Check the notice")
    assert words_of(answer).count(why) == 2, "in the summary and beside the field"
    assert 'href="#attachments"' in answer.text
    assert 'name="identifier" value="KEPT-17"' in answer.text
    assert "KEPT-17" not in words_of(commissioner.get(SENT))


def test_the_same_form_with_other_files_sends_nothing_more(commissioner: FlaskClient) -> None:
    token = "f" * 24
    first = sent_id(send(commissioner, ("a.pdf", PDF), form=token))
    form = {"form": token, "csrf_token": form_token(commissioner, NEW), "step": "send"}

    def again(name: str) -> TestResponse:
        files = [(BytesIO(PDF), name)]
        return commissioner.post(NEW, data={**ANSWERS, **form, "attachments": files})

    assert sent_id(again("a.pdf")) == sent_id(again("a.pdf"))
    assert again("b.pdf").status_code == 409
    assert first


def test_a_file_is_given_to_nobody_without_a_reason_or_the_role(
    post: Correspondence, commissioner: FlaskClient, officer: FlaskClient, area: Flask
) -> None:
    notice = sent_id(send(commissioner, ("a.pdf", PDF)))
    post.deliver()
    address = f"{INBOX}/{notice}/attachments/1"
    token = {"csrf_token": form_token(officer, f"{INBOX}/{notice}")}
    asked = officer.post(address, data=token)
    assert asked.status_code == 400
    assert "Choose why you open this notice" in words_of(asked)
    assert officer.post(address, data={"reason": REASON}).status_code == 400
    assert officer.get(address).status_code == 405
    for missing in ("0", "2", "99999999999999999999"):
        there = f"{INBOX}/{notice}/attachments/{missing}"
        assert officer.post(there, data=token | {"reason": REASON}).status_code == 404
    other = signed_in(area, Role.COMMISSIONER, AREA)
    assert other.post(address, data={"reason": REASON}).status_code == 403


def test_what_was_erased_is_given_no_more(
    post: Correspondence, commissioner: FlaskClient, officer: FlaskClient
) -> None:
    notice = sent_id(send(commissioner, ("a.pdf", PDF)))
    post.deliver()
    whole = opened(officer, notice)
    with writing(post.area.node_db) as connection:
        connection.execute(text("DELETE FROM arrived_chunk"))
    assert download(officer, whole, 1).status_code == 404
    with writing(post.area.node_db) as connection:
        who = operator("tests")
        erase_notice(connection, post.area, who, authority=AREA, notice=notice, reason="To test.")
    assert download(officer, whole, 1).status_code == 404


def test_how_far_the_files_are_is_told(post: Correspondence, commissioner: FlaskClient) -> None:
    notice = sent_id(send(commissioner))
    rows = [
        {"message": notice, "number": n, "digest": "x" * 43, "sealed": b"x", "held_at": at}
        for n, at in enumerate([post.placing.now()] * 3 + [None] * 9)
    ]
    with writing(post.placing.node_db) as connection:
        connection.execute(insert(outgoing_chunk), rows)
    shown = words_of(commissioner.get(f"{SENT}/{notice}"))
    assert "3 of 12 parts of its attachments are there" in shown
    with writing(post.placing.node_db) as connection:
        connection.execute(text("DELETE FROM outgoing_chunk"))


def test_what_is_uploaded_reaches_no_disk_and_no_more_is_held_than_may_be_sent() -> None:
    request = Uploading({})
    one, other = request._get_file_stream(), request._get_file_stream()
    assert one.write(b"x" * MAX_ATTACHED) == MAX_ATTACHED
    assert other.write(b"y" * 1000) == 1000
    assert isinstance(one, BytesIO)
    assert isinstance(other, BytesIO)
    assert len(one.getvalue()) + len(other.getvalue()) == MAX_ATTACHED + 1
