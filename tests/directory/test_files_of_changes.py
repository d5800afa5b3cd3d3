"""Files that go with a change of a notice: sealed, looked into at both ends, destroyed with it."""

import re
import secrets
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, insert, select
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.notices.erasing import erase_notice
from directory.notices.models import notice_event
from directory.notices.sent import send_notice
from directory.privacy.retention.records import Kind, case_records
from directory.privacy.subject_access.exporting import as_zip, gather_all
from directory.security.audit.models import audit_row
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from federation import (
    Enclosure,
    attach,
    deliver_due,
    dispatches,
    queue,
    reading,
    tables,
    writing,
)
from federation.chunks.tables import arrived_chunk
from protocols.placements import encode_placement_body
from tests.directory.correspondence import AREA, PLACING, Correspondence
from tests.directory.files import DOCX, PDF, PNG, pdf
from tests.directory.people import form_token, signed_in
from tests.directory.post import Door
from tests.directory.visiting import words_of
from tests.federation.worlds import a_notice
from tests.protocols.factories import placement_change, placement_ending

WHO = operator("test")
NAME = "Zebedee – new care plan.pdf"
SINCE = {"kind": "change", "since-day": "5", "since-month": "12", "since-year": "2026"}
WHY = {"reason": "To compare it with our register"}


@pytest.fixture(scope="module")
def commissioner(post: Correspondence) -> FlaskClient:
    return signed_in(create_app(post.placing), Role.COMMISSIONER, PLACING)


@pytest.fixture(scope="module")
def officer(post: Correspondence) -> FlaskClient:
    return signed_in(create_app(post.area), Role.DUTY_OFFICER, AREA)


@pytest.fixture
def notice(post: Correspondence) -> str:
    """One that has arrived."""
    with writing(post.placing.node_db) as connection:
        made = send_notice(connection, post.placing, WHO, a_notice(), placing=PLACING, area=AREA)
    post.deliver()
    return made


def say(browser: FlaskClient, notice: str, *files: tuple[str, bytes], **said: str) -> TestResponse:
    page = f"/authorities/{PLACING}/notices/sent/{notice}/say/change"
    shown = browser.get(page)
    assert 'enctype="multipart/form-data"' in shown.text
    token = re.search(r'name="form" value="([^"]+)"', shown.text)
    assert token
    data = {**SINCE, **said, "form": token[1], "csrf_token": form_token(browser, page)}
    chosen = [(BytesIO(content), name) for name, content in files] or [(BytesIO(), "")]
    answer = browser.post(
        page, data={**data, "attachments": chosen}, content_type="multipart/form-data"
    )
    answer.request.environ["wsgi.input"].close()  # a file, where it is long
    return answer


def opened(browser: FlaskClient, notice: str) -> TestResponse:
    there = f"/authorities/{AREA}/notices/received/{notice}"
    return browser.post(there, data={**WHY, "csrf_token": form_token(browser, there)})


def download(browser: FlaskClient, notice: str, number: int = 1, **why: str) -> TestResponse:
    """What the button beside a file of the first change gives."""
    page = f"/authorities/{AREA}/notices/received/{notice}"
    buttons = r'action="([^"]+/after/[0-9a-f]{32}/attachments/)\d+"'
    there = re.findall(buttons, opened(browser, notice).text)[0]
    form = {**WHY, **why, "csrf_token": form_token(browser, page)}
    return browser.post(f"{there}{number}", data=form)


def test_a_new_care_plan_goes_from_the_form_to_the_duty_officer(
    post: Correspondence, commissioner: FlaskClient, officer: FlaskClient, notice: str
) -> None:
    assert say(commissioner, notice, (NAME, PDF), ("a.docx", DOCX)).status_code == 303
    post.deliver()
    whole = opened(officer, notice)
    assert f"{NAME} PDF, 1 KB Download" in words_of(whole)
    assert "Nothing that this changes" not in words_of(whole)
    saved = download(officer, notice)
    assert (saved.status_code, saved.data, saved.mimetype) == (200, PDF, "application/pdf")
    assert download(officer, notice, 2).data == DOCX
    assert download(officer, notice, 3).status_code == 404
    assert download(officer, notice, reason="").status_code == 400
    ours = f"/authorities/{PLACING}/notices/sent/{notice}"
    shown = commissioner.post(
        ours,
        data={
            "reason": "The placement has changed or ended",
            "csrf_token": form_token(commissioner, ours),
        },
    )
    assert NAME in words_of(shown)
    with reading(post.area.node_db) as connection:
        looks = connection.scalars(
            select(audit_row.c.detail).where(
                audit_row.c.record == f"notice/{notice}", audit_row.c.reason.is_not(None)
            )
        ).all()
    assert [one[:15] for one in looks if one] == ["attachment 1 of", "attachment 2 of"]


@pytest.mark.parametrize(
    ("file", "why"),
    [
        (("plan.pdf", b"MZ\x90 program"), "“plan.pdf” is a program"),
        (("plan.pdf", pdf(b"/JS (x)")), "“plan.pdf” holds a script"),
        (("plan.pdf", PDF + bytes(30 * 1024 * 1024)), "“plan.pdf” is too large"),
    ],
    ids=["program", "script", "30 MB"],
)
def test_a_file_that_is_refused_is_named_and_what_was_typed_is_kept(
    commissioner: FlaskClient, notice: str, file: tuple[str, bytes], why: str
) -> None:
    answer = say(commissioner, notice, file, reason="A new plan since the review.")
    assert answer.status_code == 400
    assert words_of(answer).count(why) == 2, "in the summary and beside the field"
    assert 'href="#attachments"' in answer.text
    assert "A new plan since the review." in answer.text


def test_what_a_dishonest_node_attaches_is_refused(post: Correspondence, notice: str) -> None:
    node = post.placing
    program = Enclosure("plan.pdf", "application/pdf", BytesIO(b"MZ a program"))
    good = Enclosure("a.png", "image/png", BytesIO(PNG))
    nothing = placement_change(notice=notice, social_worker=None, reason=None)
    ending = placement_ending(notice=notice)
    for body, files in ((nothing, [program]), (nothing, []), (ending, [good])):
        message = secrets.token_hex(16)
        with writing(node.node_db) as connection:
            attached = attach(connection, sender=PLACING, message=message, files=files)
            queue(
                *(connection, node),
                sender=PLACING,
                recipient=AREA,
                body=encode_placement_body(body),
                message=message,
                attachments=attached,
            )
        deliver_due(node, Door(post.area, node.member))
        with reading(node.node_db) as connection:
            went = dispatches(connection, [message])[message]
        assert (went.state, went.problem) == ("refused", "malformed")
    with reading(post.area.node_db) as connection:
        table = notice_event.c
        kept = connection.execute(select(table.seq).where(table.notice == notice)).all()
    assert not kept


def test_erasing_the_notice_destroys_the_files_of_its_changes(
    post: Correspondence, commissioner: FlaskClient, officer: FlaskClient, notice: str
) -> None:
    say(commissioner, notice, (NAME, PDF))
    post.deliver()
    assert download(officer, notice).data == PDF
    node = post.area
    with writing(node.node_db) as connection:
        (change,) = connection.scalars(
            select(notice_event.c.message).where(
                notice_event.c.notice == notice, notice_event.c.side == "received"
            )
        )
        mine = select(arrived_chunk.c.digest).where(
            arrived_chunk.c.message == f"{PLACING}/{change}"
        )
        assert connection.execute(mine).all()
        erase_notice(connection, node, WHO, authority=AREA, notice=notice, reason="To test.")
        assert not connection.execute(mine).all()


def test_a_node_known_to_be_too_old_for_files_is_sent_none(
    post: Correspondence, commissioner: FlaskClient, notice: str
) -> None:
    node = post.placing
    zero = dict.fromkeys(("offered", "holds", "requests", "bytes_received"), 0)
    try:
        with writing(node.replica) as connection:
            connection.execute(
                insert(tables.contact).values(node="leeds-node", version="0.1.0", **zero)
            )
        answer = say(commissioner, notice, (NAME, PDF), reason="A new plan.")
    finally:
        with writing(node.replica) as connection:
            connection.execute(delete(tables.contact))
    assert answer.status_code == 400
    assert words_of(answer).count("Leeds’s node takes no files yet") == 2
    assert "A new plan." in answer.text


def test_a_subject_access_export_has_the_files_of_changes_and_no_key(
    post: Correspondence, commissioner: FlaskClient, notice: str
) -> None:
    say(commissioner, notice, (NAME, PDF))
    post.deliver()
    node = post.area
    with writing(node.node_db) as connection:
        (one,) = (
            one
            for one in case_records(connection, node, AREA)
            if one.id == notice and one.kind is Kind.RECEIVED
        )
        gathered = gather_all(connection, node, WHO, AREA, [one.record], "The child asks.")
    with ZipFile(BytesIO(as_zip(node, gathered))) as archive:
        (name,) = (one for one in archive.namelist() if one.startswith("files/"))
        assert archive.read(name) == PDF
        said = archive.read("record.json").decode()
    (filed,) = (filed for _, _, filed in gathered.files)
    assert NAME in said
    assert filed.file.key not in said
    assert filed.file.chunks[0] not in said
