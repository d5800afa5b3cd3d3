"""The pages of the two authorities: what each sees and does, and what nobody gets out of them."""

import html
import io
import logging
import re

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select, text
from werkzeug.test import TestResponse

from directory.app import create_app
from directory.notices.models import received_notice, sent_notice
from directory.notices.schemas import OTHER_REASON
from directory.records.publishing.withdrawing import retire_record
from directory.security.audit.models import audit_row
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, reading, sequence, writing
from protocols.notices import PlacementNotice, decode_body
from tests.directory.correspondence import (
    ANSWERS,
    AREA,
    CHILD,
    PLACING,
    Correspondence,
)
from tests.directory.people import form_token, signed_in
from tests.directory.visiting import HOSTILE, row, title_of, words_of
from tests.directory.worlds import LEWISHAM, a_home

NEW = f"/authorities/{PLACING}/notices/new"
SENT = f"/authorities/{PLACING}/notices/sent"
INBOX = f"/authorities/{AREA}/notices/received"
REASON = {"reason": "The child is missing, or may be at risk"}
WHY_SENT = {"reason": "The placement has changed or ended"}
CALL = {"name": "Dana Duty", "role": "Duty social worker", "telephone": "0113 496 0000"}


@pytest.fixture(scope="module")
def placing(post: Correspondence) -> Flask:
    return create_app(post.placing)


@pytest.fixture(scope="module")
def area(post: Correspondence) -> Flask:
    return create_app(post.area)


@pytest.fixture(scope="module")
def commissioner(placing: Flask) -> FlaskClient:
    return signed_in(placing, Role.COMMISSIONER, PLACING, name="Carol Commissioner")


@pytest.fixture(scope="module")
def officer(area: Flask) -> FlaskClient:
    return signed_in(area, Role.DUTY_OFFICER, AREA, name="Olu Officer")


@pytest.fixture
def emptied(post: Correspondence) -> Correspondence:
    """The same nodes, without a notice."""
    for node, table in ((post.placing, sent_notice), (post.area, received_notice)):
        with writing(node.node_db) as connection:
            connection.execute(delete(table))
            connection.execute(text("DELETE FROM outbox"))
    return post


def submit(browser: FlaskClient, address: str, form: dict[str, str], at: str = "") -> TestResponse:
    """Send a form with the token of the page on which it stands."""
    return browser.post(address, data={**form, "csrf_token": form_token(browser, at or address)})


def form_id(browser: FlaskClient) -> str:
    found = re.search('name="form" value="([^"]+)"', browser.get(NEW).text)
    assert found
    return found[1]


def send(browser: FlaskClient, **changes: str) -> TestResponse:
    """Fill in the form, and send it from the page on which it is checked."""
    form = {**ANSWERS, "form": form_id(browser), **changes, "step": "send"}
    return submit(browser, NEW, form)


def sent_id(answer: TestResponse) -> str:
    assert answer.status_code == 303, words_of(answer)
    return (answer.location or "").split("/")[-2]


def count_sent(node: Node) -> int:
    with reading(node.node_db) as connection:
        return connection.scalar(select(func.count()).select_from(sent_notice)) or 0


@pytest.fixture
def delivered(post: Correspondence, commissioner: FlaskClient) -> str:
    """A notice that has come to the area authority; its id."""
    notice = sent_id(send(commissioner))
    post.deliver()
    return notice


# --- From one authority to the other --------------------------------------------------------------


def test_a_notice_goes_from_form_to_acknowledgement(
    emptied: Correspondence, commissioner: FlaskClient, officer: FlaskClient
) -> None:
    check = submit(commissioner, NEW, {**ANSWERS, "form": form_id(commissioner), "step": "check"})
    assert check.status_code == 200
    assert row(check, "URN") == "SC200001 Ash House"
    assert row(check, "At a distance").startswith("Yes")
    assert "before 1 December 2026" in words_of(check)
    assert count_sent(emptied.placing) == 0, "nothing is sent before it was checked"

    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', check.text)
    again = {name: html.unescape(value) for name, value in hidden}
    done = commissioner.post(NEW, data={**again, "step": "send"})
    notice = sent_id(done)
    confirmation = commissioner.get(done.location or "")
    assert "Notice to Leeds is on its way" in words_of(confirmation)
    assert "Waiting" in words_of(commissioner.get(SENT))

    emptied.deliver()
    assert "Leeds’s node has stored it: signed receipt on 20 November 2026" in words_of(
        commissioner.get(SENT)
    )
    assert "From Kent, 20 November 2026 at 09:30" in words_of(officer.get(INBOX))
    opened = submit(officer, f"{INBOX}/{notice}", REASON)
    assert row(opened, "Given name") == "Zebedee"
    assert row(opened, "Assessment of needs") == "Needs a steady school. And a garden."
    answered = submit(officer, f"{INBOX}/{notice}/acknowledge", CALL)
    assert answered.location == f"{INBOX}/{notice}/acknowledged"
    assert "Notice acknowledged" in words_of(officer.get(answered.location))
    assert "Every notice to Leeds has been acknowledged" in words_of(officer.get(INBOX))
    listed = words_of(officer.get(f"{INBOX}?show=all"))
    assert "Acknowledged by Olu Officer on 20 November 2026 at 09:30" in listed

    emptied.deliver()
    shown = words_of(commissioner.get(SENT))
    assert "Acknowledged" in shown
    assert "Call Dana Duty, Duty social worker: 0113 496 0000" in shown


def test_empty_lists_say_what_will_stand_there(
    emptied: Correspondence, commissioner: FlaskClient, officer: FlaskClient
) -> None:
    assert "Kent has sent no notices from here yet" in words_of(commissioner.get(SENT))
    assert "No authority has told Leeds of a child" in words_of(officer.get(INBOX))


def test_whoever_opens_a_notice_is_in_the_audit_with_the_reason(
    post: Correspondence, commissioner: FlaskClient, officer: FlaskClient, delivered: str
) -> None:
    submit(commissioner, f"{SENT}/{delivered}", WHY_SENT)
    submit(officer, f"{INBOX}/{delivered}", REASON)
    for node, name in ((post.placing, "Carol Commissioner"), (post.area, "Olu Officer")):
        with reading(node.node_db) as connection:
            last = connection.execute(
                select(audit_row).where(
                    audit_row.c.reason.is_not(None), audit_row.c.record == f"notice/{delivered}"
                )
            ).one()
        assert last.who_name == name


def test_why_a_notice_waits_is_told(emptied: Correspondence, commissioner: FlaskClient) -> None:
    sent_id(send(commissioner))
    with writing(emptied.placing.node_db) as connection:
        connection.execute(text("UPDATE outbox SET attempts = 3, problem = 'it does not answer'"))
    shown = words_of(commissioner.get(SENT))
    assert "tried 3 times" in shown
    assert "What was in the way: it does not answer" in shown


@pytest.mark.parametrize(
    ("state", "problem", "told"),
    [
        ("refused", "bad-signature", "Leeds’s node refused it: its signature is not ours"),
        ("refused", "new-reason", "Leeds’s node refused it: new-reason"),
        ("expired", None, "could not be reached for 28 days"),
    ],
)
def test_what_was_not_delivered_says_to_call(
    emptied: Correspondence, commissioner: FlaskClient, state: str, problem: str | None, told: str
) -> None:
    sent_id(send(commissioner))
    with writing(emptied.placing.node_db) as connection:
        connection.execute(
            text("UPDATE outbox SET state = :state, problem = :problem"),
            {"state": state, "problem": problem},
        )
    shown = words_of(commissioner.get(SENT))
    assert told in shown
    assert "by telephone" in shown


@pytest.mark.parametrize("state", ["refused", "expired"])
def test_what_was_not_delivered_is_sent_again_by_one_button(
    emptied: Correspondence, commissioner: FlaskClient, state: str
) -> None:
    notice = sent_id(send(commissioner))
    with writing(emptied.placing.node_db) as connection:
        connection.execute(
            text("UPDATE outbox SET state = :state, sealed = :none, problem = 'unknown-key'"),
            {"state": state, "none": b""},
        )
    page = commissioner.get(f"{SENT}/{notice}")
    assert "Send it again" in words_of(page)
    form = {"csrf_token": form_token(commissioner, f"{SENT}/{notice}")}
    for _ in range(2):  # the second click finds it sent
        answer = commissioner.post(f"{SENT}/{notice}/again", data=form)
        assert (answer.status_code, answer.location) == (303, f"{SENT}/{notice}")
    assert "It goes out within seconds" in words_of(commissioner.get(answer.location))
    emptied.deliver()
    page = commissioner.get(f"{SENT}/{notice}")
    assert "node has stored it" in words_of(page)
    assert "Send it again" not in words_of(page)
    with reading(emptied.placing.node_db) as connection:
        again = connection.scalar(
            select(func.count())
            .select_from(audit_row)
            .where(audit_row.c.record == f"notice/{notice}", audit_row.c.detail.like("again%"))
        )
    assert again == 1


def test_a_notice_that_had_arrived_all_the_same_says_so(
    emptied: Correspondence, commissioner: FlaskClient
) -> None:
    notice = sent_id(send(commissioner))
    with writing(emptied.placing.node_db) as connection:
        connection.execute(text("UPDATE outbox SET state = 'refused', problem = 'id-reused'"))
    shown = words_of(commissioner.get(f"{SENT}/{notice}"))
    assert "it arrived before, and its receipt was lost" in shown
    assert "Send it again" not in shown


# --- The form -------------------------------------------------------------------------------------


def test_an_empty_form_is_answered_with_what_to_enter(commissioner: FlaskClient) -> None:
    answer = submit(commissioner, NEW, {})
    assert answer.status_code == 400
    assert title_of(answer).startswith("Error: ")
    shown = words_of(answer)
    for asked in (
        "Choose the authority where the child is placed",
        "Enter the child’s date of birth",
        "Say whether this is an emergency placement",
        "Enter the social worker’s telephone number",
        "Enter the care plan",
    ):
        assert shown.count(asked) == 2, "in the summary, and beside the field"
    assert 'href="#born_on-day"' in answer.text


WRONG = [
    ({"born_on-month": ""}, "Date of birth must include a month"),
    ({"born_on-day": "31", "born_on-month": "2"}, "Date of birth must be a real date"),
    ({"born_on-day": "٣"}, "Date of birth must be a real date"),
    ({"born_on-day": "-1"}, "Date of birth must be a real date"),
    ({"born_on-year": "12"}, "the year must have 4 numbers"),
    ({"born_on-year": "2027"}, "Date of birth must be today or in the past"),
    ({"born_on-year": "1999"}, "18 or older at the start"),
    ({"starts_on-year": "2062"}, "within a year from now"),
    ({"starts_on-year": "2011"}, "after the child was born"),
    ({"urn": "SC 1; DROP"}, "URN must be letters and numbers"),
    ({"urn": "SC100001"}, "Rowan House is in your own area, so no notice is due"),
    ({"area": LEWISHAM}, "Ash House is in the area of Leeds"),
    ({"area": PLACING}, "This is your own area, so no notice is due"),
    ({"area": "E10000008"}, "Devon is not in the consortium, so nothing can be sealed to it"),
    ({"urn": "", "address": "1 High Street, Maidstone, ME14 1XX"}, "in your own area"),
    (
        {"urn": "", "address": "1 High Street, Exeter, EX2 4QD"},
        "The postcode is in the area of Devon",
    ),
    (
        {"expected_end-day": "30", "expected_end-month": "11", "expected_end-year": "2026"},
        "Expected end must be on or after the day on which it starts",
    ),
    ({"area": "E99999999"}, "Choose an authority from the list"),
    ({"setting": "prison"}, "Choose the kind of placement"),
    ({"emergency": "perhaps"}, "Say whether this is an emergency placement"),
    ({"social_worker_telephone": "call me"}, "Enter a telephone number, like"),
    ({"social_worker_email": "wendy"}, "Enter an email address in the correct format"),
    ({"given_name": "x" * 301}, "Given name must be 300 characters or fewer"),
    ({"care_plan": "x" * 60_001}, "Care plan must be 60,000 characters or fewer"),
    ({"given_name": "\0\u202e \u200b"}, "Enter the child’s given name"),
]


@pytest.mark.parametrize(("typed", "told"), WRONG)
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(
    emptied: Correspondence, commissioner: FlaskClient, typed: dict[str, str], told: str
) -> None:
    answer = send(commissioner, **typed)
    assert answer.status_code == 400
    assert title_of(answer).startswith("Error: ")
    assert told in words_of(answer)
    for name in {"given_name", "identifier", "care_plan"} - typed.keys():
        assert ANSWERS[name] in answer.text
    assert count_sent(emptied.placing) == 0


def test_a_closed_home_is_told_with_the_day_and_what_to_do(
    emptied: Correspondence, commissioner: FlaskClient
) -> None:
    emptied.world.publish("leeds-node", [a_home("SC200009", name="Gone House", authority=AREA)])
    with writing(emptied.area.node_db) as connection:
        who = operator("root")
        retire_record(connection, emptied.area, who, "home/SC200009", "Ofsted lists it no more")
    sequence(emptied.area)
    emptied.world.follow_all(emptied.placing, ["leeds-node"])
    answer = send(commissioner, urn="SC200009")
    assert answer.status_code == 400
    assert "Gone House was taken out of the directory on 20 November 2026" in words_of(answer)
    assert 'value="Zebedee"' in answer.text


def test_what_is_sent_says_what_it_is_for_and_is_sent_again_in_the_form_of_an_older_node(
    emptied: Correspondence, commissioner: FlaskClient
) -> None:
    until = {"expected_end-day": "30", "expected_end-month": "6", "expected_end-year": "2027"}
    notice = sent_id(send(commissioner, **until))
    assert "Expected to end 30 June 2027" in words_of(submit(commissioner, NEW, ANSWERS | until))
    with writing(emptied.placing.node_db) as connection:
        row = connection.execute(select(sent_notice)).one()
        body = Vault(connection, emptied.placing).open("sent_notice", "body", notice, row.body)
        said = decode_body(body)
        assert isinstance(said, PlacementNotice)
        assert "regulation 13(4)" in said.purpose
        connection.execute(text("UPDATE outbox SET state = 'refused', problem = 'unknown-schema'"))
    commissioner.post(
        f"{SENT}/{notice}/again", data={"csrf_token": form_token(commissioner, f"{SENT}/{notice}")}
    )
    emptied.deliver()
    with reading(emptied.area.node_db) as connection:
        row = connection.execute(select(received_notice)).one()
        came = Vault(connection, emptied.area).open(
            "received_notice", "body", f"{PLACING}/{notice}", row.body
        )
    assert came.startswith(b'{"schema":"notice/1"')


def test_changing_an_answer_keeps_the_others(commissioner: FlaskClient) -> None:
    answer = submit(commissioner, NEW, {**ANSWERS, "step": "change"})
    assert answer.status_code == 200
    assert "There is a problem" not in answer.text
    assert 'value="Zebedee"' in answer.text
    assert "Needs a steady school." in answer.text


def test_an_emergency_is_counted_in_working_days(commissioner: FlaskClient) -> None:
    started = {"starts_on-day": "13", "starts_on-month": "11", "emergency": "yes"}
    check = submit(commissioner, NEW, {**ANSWERS, **started})
    assert "within 5 working days of the start of the placement: by 20 November 2026." in words_of(
        check
    )
    started["starts_on-day"] = "12"
    check = submit(commissioner, NEW, {**ANSWERS, **started})
    assert "by 19 November 2026. It is late: send it now all the same" in words_of(check)


def test_unseen_marks_are_left_out(
    post: Correspondence, commissioner: FlaskClient, officer: FlaskClient
) -> None:
    marked = {"given_name": "\u202eZebe\u200bdee\0 ", "care_plan": "Stays\u200b\0\r\nuntil July."}
    notice = sent_id(send(commissioner, **marked))
    post.deliver()
    opened = submit(officer, f"{INBOX}/{notice}", REASON)
    assert row(opened, "Given name") == "Zebedee"
    assert row(opened, "Care plan") == "Stays until July."


def test_a_form_that_is_sent_twice_sends_once(
    emptied: Correspondence, commissioner: FlaskClient
) -> None:
    form = form_id(commissioner)
    first, second = (send(commissioner, form=form) for _ in range(2))
    assert sent_id(first) == sent_id(second)
    assert count_sent(emptied.placing) == 1


def test_a_form_that_comes_back_changed_is_not_lost_in_silence(
    emptied: Correspondence, commissioner: FlaskClient
) -> None:
    form = form_id(commissioner)
    sent_id(send(commissioner, form=form))
    answer = send(commissioner, form=form, care_plan="Stays until August.")
    assert answer.status_code == 409
    assert "Those went out, and these did not" in words_of(answer)
    assert "Stays until August." in answer.text
    assert count_sent(emptied.placing) == 1
    found = re.search('name="form" value="([^"]+)"', answer.text)
    assert found
    assert found[1] != form, "the next one is a notice of its own"


def test_another_person_s_form_is_another_notice(
    emptied: Correspondence, placing: Flask, commissioner: FlaskClient
) -> None:
    form = form_id(commissioner)
    colleague = signed_in(placing, Role.COMMISSIONER, PLACING)
    assert sent_id(send(commissioner, form=form)) != sent_id(send(colleague, form=form))
    assert count_sent(emptied.placing) == 2


def test_three_long_texts_are_taken(emptied: Correspondence, commissioner: FlaskClient) -> None:
    longest = dict.fromkeys(("assessment_of_needs", "why_most_suitable", "care_plan"), "ŵ" * 60000)
    sent_id(send(commissioner, **longest))
    too_long = dict.fromkeys(longest, "🏠" * 60000)
    answer = send(commissioner, **too_long)
    assert answer.status_code in (400, 413)
    assert count_sent(emptied.placing) == 1


def test_more_than_any_form_has_is_refused(commissioner: FlaskClient) -> None:
    token = form_token(commissioner, NEW)
    answer = commissioner.post(NEW, data={"csrf_token": token, "care_plan": "x" * 3_000_000})
    assert answer.status_code == 413


# --- Opening a notice -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reason",
    [
        {},
        {"reason": "because"},
        {"reason": OTHER_REASON},
        {"reason": OTHER_REASON, "reason_other": "hm"},
        {"reason": OTHER_REASON, "reason_other": "x" * 401},
        {"reason": OTHER_REASON, "reason_other": " \0\u200b    "},
    ],
)
def test_without_a_reason_nothing_is_opened(
    officer: FlaskClient, delivered: str, reason: dict[str, str]
) -> None:
    answer = submit(officer, f"{INBOX}/{delivered}", reason)
    assert answer.status_code == 400
    assert title_of(answer).startswith("Error: ")
    for told in CHILD:
        assert told not in answer.text


def test_a_reason_in_own_words_opens(officer: FlaskClient, delivered: str) -> None:
    own = {"reason": OTHER_REASON, "reason_other": "Asked by the panel"}
    assert "Zebedee" in submit(officer, f"{INBOX}/{delivered}", own).text


def test_a_notice_that_was_acknowledged_meanwhile_says_by_whom(
    post: Correspondence, area: Flask, officer: FlaskClient, delivered: str
) -> None:
    token = form_token(officer, f"{INBOX}/{delivered}/acknowledge")
    colleague = signed_in(area, Role.DUTY_OFFICER, AREA, name="Cleo Colleague")
    submit(colleague, f"{INBOX}/{delivered}/acknowledge", CALL)
    mine = {**CALL, "csrf_token": token}
    for late in (
        officer.post(f"{INBOX}/{delivered}/acknowledge", data=mine),
        officer.get(f"{INBOX}/{delivered}/acknowledge"),
    ):
        assert late.status_code in (409, 200)
        assert "Acknowledged by Cleo Colleague on 20 November 2026" in words_of(late)
    with reading(post.area.node_db) as connection:
        answers = select(func.count()).where(
            audit_row.c.action == Action.ACKNOWLEDGE_NOTICES,
            audit_row.c.record == f"notice/{delivered}",
        )
        assert connection.scalar(answers) == 1


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"name": ""}, "Enter the name of the person to call"),
        ({"telephone": "none"}, "Enter a telephone number, like"),
        ({"role": "x" * 301}, "Role must be 300 characters or fewer"),
        ({"email": "@"}, "Enter an email address in the correct format"),
    ],
)
def test_whom_to_call_is_checked(
    officer: FlaskClient, delivered: str, typed: dict[str, str], told: str
) -> None:
    answer = submit(officer, f"{INBOX}/{delivered}/acknowledge", {**CALL, **typed})
    assert answer.status_code == 400
    assert title_of(answer).startswith("Error: ")
    assert words_of(answer).count(told) == 2


# --- Attacks --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "of"),
    [
        (Role.COMMISSIONER, AREA),
        (Role.AUTHORITY_ADMINISTRATOR, AREA),
        (Role.GOVERNANCE_OFFICER, AREA),
        (Role.NODE_ADMINISTRATOR, None),
        (Role.PROVIDER, AREA),
    ],
)
def test_nobody_but_a_duty_officer_opens_what_came(
    area: Flask, delivered: str, role: Role, of: str | None
) -> None:
    browser = signed_in(area, role, of)
    for address in ("", f"/{delivered}", f"/{delivered}/acknowledge", f"/{delivered}/acknowledged"):
        assert browser.get(INBOX + address).status_code == 403
    assert browser.post(f"{INBOX}/{delivered}", data=REASON).status_code == 403


def test_an_id_of_another_authority_opens_nothing(
    placing: Flask, commissioner: FlaskClient, officer: FlaskClient, delivered: str
) -> None:
    """The same id under the address of an authority that is not served, or the other way round."""
    elsewhere = f"/authorities/{LEWISHAM}/notices"
    assert officer.get(f"{elsewhere}/received/{delivered}").status_code == 403
    duty = signed_in(placing, Role.DUTY_OFFICER, PLACING)
    there = f"/authorities/{PLACING}/notices/received"
    assert duty.get(f"{there}/{delivered}").status_code == 404
    token = form_token(commissioner, NEW)
    answer = commissioner.post(f"{SENT}/{'0' * 32}", data={**WHY_SENT, "csrf_token": token})
    assert answer.status_code == 404


@pytest.mark.parametrize("odd", ["1", "%00" * 32, "Z" * 32, "0" * 31 + "A", "..%2F", "x" * 5000])
def test_what_is_no_id_is_not_found(officer: FlaskClient, odd: str) -> None:
    assert officer.get(f"{INBOX}/{odd}").status_code == 404


def test_a_form_without_its_token_does_nothing(
    post: Correspondence, commissioner: FlaskClient, officer: FlaskClient, delivered: str
) -> None:
    before = count_sent(post.placing)
    for browser, address, form in (
        (commissioner, NEW, {**ANSWERS, "step": "send"}),
        (commissioner, f"{SENT}/{delivered}", WHY_SENT),
        (officer, f"{INBOX}/{delivered}", REASON),
        (officer, f"{INBOX}/{delivered}/acknowledge", CALL),
    ):
        answer = browser.post(address, data=form)
        assert answer.status_code == 400
        assert "This form could not be used" in words_of(answer)
        assert "Zebedee" not in answer.text
    assert count_sent(post.placing) == before


def test_html_in_every_field_is_shown_as_text(
    post: Correspondence, commissioner: FlaskClient, officer: FlaskClient
) -> None:
    shown_as_typed = {
        name: HOSTILE
        for name in ANSWERS
        if name.rpartition("_")[2] in ("identifier", "name", "needs", "suitable", "plan", "address")
    }
    check = submit(commissioner, NEW, {**ANSWERS, **shown_as_typed})
    assert words_of(check).count(" ".join(HOSTILE.split())) == len(shown_as_typed)
    notice = sent_id(send(commissioner, **shown_as_typed))
    post.deliver()
    opened = submit(officer, f"{INBOX}/{notice}", REASON)
    said = {**CALL, "name": HOSTILE, "role": HOSTILE, "telephone": "0113 555 0000"}
    submit(officer, f"{INBOX}/{notice}/acknowledge", said)
    post.deliver()
    every = send(commissioner, **dict.fromkeys(ANSWERS, HOSTILE))
    for page in (check, opened, commissioner.get(SENT), every):
        for mark in ("<script>alert", 'onmouseover="x"', " 49 "):
            assert mark not in page.text.replace("/static/", "")


def test_nothing_said_of_a_child_stands_where_it_must_not(
    post: Correspondence,
    commissioner: FlaskClient,
    officer: FlaskClient,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    lines = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(lines))
    try:
        refused = send(commissioner, born_on_day="", care_plan="")
        notice = sent_id(send(commissioner))
        post.deliver()
        opened = submit(officer, f"{INBOX}/{notice}", REASON)
        submit(officer, f"{INBOX}/{notice}/acknowledge", CALL)
        post.deliver()
    finally:
        structlog.reset_defaults()
    seen = [
        title_of(opened),
        title_of(refused),
        opened.request.url,
        *(officer.get(f"{INBOX}{end}").text for end in ("", "?show=all", f"/{notice}")),
        *(commissioner.get(f"{SENT}{end}").text for end in ("", f"/{notice}")),
        commissioner.get(f"{SENT}/{notice}/confirmation").text,
        lines.getvalue(),
        caplog.text,
        "".join(capsys.readouterr()),
    ]
    for node in (post.placing, post.area):
        with reading(node.node_db) as connection:
            seen += [str(one) for one in connection.execute(select(audit_row))]
    for told in CHILD:
        assert not [text for text in seen if told in text], told


def test_pages_of_notices_are_kept_nowhere(officer: FlaskClient, delivered: str) -> None:
    for answer in (
        officer.get(INBOX),
        officer.get(f"{INBOX}/{delivered}"),
        submit(officer, f"{INBOX}/{delivered}", REASON),
        officer.get(f"{INBOX}/{'0' * 32}"),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
