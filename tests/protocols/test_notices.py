"""Notices and their acknowledgements: what regulation 13(4) asks for, and nothing said of it."""

import traceback
from datetime import date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocols.errors import Malformed, UnknownSchema
from protocols.notices import Acknowledgement, Notice, decode_body, encode_body
from tests.protocols.factories import NOW, acknowledgement, contact, notice
from tests.protocols.test_records import HIDDEN

NOTICE, ANSWER = encode_body(notice()), encode_body(acknowledgement())


def changed(data: bytes, path: str, value: Any) -> bytes:
    """The body with the member at a dotted path replaced, or left out when it is `...`."""
    body = msgspec.json.decode(data)
    *parents, last = path.split(".")
    place = body
    for parent in parents:
        place = place[parent]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return msgspec.json.encode(body)


def test_bodies_come_back() -> None:
    assert decode_body(NOTICE) == notice()
    assert decode_body(ANSWER) == acknowledgement()


documents = st.text(
    st.characters(codec="utf-8", exclude_characters=HIDDEN) | st.sampled_from("\n\r\t"),
    min_size=1,
    max_size=80,
)


@given(documents, st.booleans(), st.dates())
def test_every_notice_that_is_written_comes_back(
    document: str, emergency: bool, starts_on: date
) -> None:
    placement = msgspec.structs.replace(
        notice().placement, starts_on=starts_on, emergency=emergency, urn=None
    )
    made = notice(care_plan=document, placement=placement)
    if document.strip():
        assert decode_body(encode_body(made)) == made
    else:
        with pytest.raises(Malformed):
            encode_body(made)


def test_what_is_left_out_stands_nowhere_in_the_bytes() -> None:
    assert b"null" not in NOTICE
    assert b"emergency" not in NOTICE


@pytest.mark.parametrize("member", Notice.__struct_fields__)
def test_a_notice_without_what_the_regulation_asks_for_is_refused(member: str) -> None:
    with pytest.raises(Malformed, match=member):
        decode_body(changed(NOTICE, member, ...))


@pytest.mark.parametrize("member", Acknowledgement.__struct_fields__)
def test_an_acknowledgement_without_a_contact_or_a_notice_is_refused(member: str) -> None:
    with pytest.raises(Malformed, match=member):
        decode_body(changed(ANSWER, member, ...))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("child.identifier", ""),
        ("child.given_name", "Robin\n"),
        ("child.born_on", "9 April 2012"),
        ("child.nhs_number", "943 476 5919"),
        ("placement.setting", "hotel"),
        ("placement.starts_on", "2026-02-30"),
        ("placement.urn", None),
        ("placement.urn", "sc1"),
        ("placement.emergency", "yes"),
        ("placement.emergency", False),
        ("placement.address", "two\nlines"),
        ("social_worker.email", None),
        ("social_worker.telephone", ""),
        ("legal_status", "section 47"),
        ("care_plan", ""),
        ("care_plan", " \n\t"),
        ("care_plan", "x" * 60_001),
        ("care_plan", "nul\0"),
        ("care_plan", "escape\x1b[2J"),
        ("care_plan", "override\u202e"),
    ],
)
def test_a_notice_with_a_member_of_another_form_is_refused(path: str, value: Any) -> None:
    with pytest.raises(Malformed):
        decode_body(changed(NOTICE, path, value))


def test_a_document_holds_no_control_but_tabs_and_ends_of_lines() -> None:
    assert isinstance(decode_body(changed(NOTICE, "care_plan", "one\ttwo\r\nthree\n")), Notice)
    for sign in set(HIDDEN) - set("\t\r\n"):
        with pytest.raises(Malformed, match="care_plan"):
            decode_body(changed(NOTICE, "care_plan", f"one{sign}two"))


def test_a_notice_is_no_acknowledgement() -> None:
    with pytest.raises(Malformed):
        decode_body(changed(NOTICE, "schema", "acknowledgement/1"))
    with pytest.raises(Malformed):
        decode_body(changed(ANSWER, "schema", "notice/1"))


@pytest.mark.parametrize(
    "at", ["2026-03-02T09:30:00", "2026-03-02T09:30:00+01:00", "2026-03-02", 1772443800]
)
def test_an_acknowledgement_at_no_certain_time_is_refused(at: Any) -> None:
    with pytest.raises(Malformed):
        decode_body(changed(ANSWER, "acknowledged_at", at))


def test_an_acknowledgement_is_not_made_at_a_time_without_its_zone() -> None:
    with pytest.raises(ValueError, match="UTC"):
        acknowledgement(acknowledged_at=datetime(2026, 3, 2))  # noqa: DTZ001


@pytest.mark.parametrize(
    "notice_id", ["", "1", "0" * 31, "0" * 33, "0" * 31 + "A", "0" * 31 + "\n"]
)
def test_an_acknowledgement_of_no_message_is_refused(notice_id: str) -> None:
    with pytest.raises(Malformed):
        decode_body(changed(ANSWER, "notice", notice_id))


def test_a_body_of_a_schema_to_come_is_known_as_such() -> None:
    with pytest.raises(UnknownSchema, match="referral/1"):
        decode_body(b'{"schema":"referral/1","anything":[1,2,3]}')


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b"[]", b'"notice/1"', b'{"schema":null}'])
def test_a_body_without_a_schema_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode_body(data)


@pytest.mark.parametrize(
    "data",
    [
        NOTICE + b" ",
        NOTICE.replace(b'"child"', b'"child":{"identifier":"x"},"child"'),
        NOTICE.replace(b"Robin", b"\\u0052obin"),
        NOTICE.replace(b'"schema":"notice/1"', b'"schema":"notice/1","schema":"notice/1"'),
    ],
)
def test_another_spelling_of_a_notice_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode_body(data)


@pytest.mark.parametrize(
    "data",
    [
        changed(NOTICE, "placement.setting", "Robin Marsh"),
        changed(NOTICE, "Robin Marsh", "x"),
        changed(NOTICE, "child.Robin Marsh", "x"),
        changed(NOTICE, "child.born_on", "Robin Marsh"),
        changed(NOTICE, "schema", "Robin Marsh"),
        NOTICE.replace(b"Robin", b"Robin\xff Marsh"),
        NOTICE[:-1],
    ],
)
def test_a_refusal_says_nothing_of_the_child(data: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        decode_body(data)
    told = "".join(traceback.format_exception(caught.value))
    assert "Robin" not in told
    assert "Marsh" not in told


def test_a_body_that_no_reader_would_accept_is_not_written() -> None:
    for body in (
        notice(care_plan=""),
        notice(care_plan="\0"),
        notice(care_plan="\ud800"),
        notice(social_worker=contact(telephone="")),
        acknowledgement(notice="1"),
        notice(legal_status="other than these"),
    ):
        with pytest.raises(Malformed):
            encode_body(body)


def test_a_time_keeps_its_fraction() -> None:
    body = acknowledgement(acknowledged_at=NOW.replace(microsecond=250_000))
    assert b'"2026-03-02T09:30:00.250000Z"' in encode_body(body)
    assert decode_body(encode_body(body)) == body
