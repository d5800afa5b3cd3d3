"""Notices, for systems: sent once, read with a reason, acknowledged once, and of one authority."""

import copy
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from directory.api.examples import CONTACT, NOTICE_TO_SEND
from directory.api.models import answered
from directory.api.once import KEPT_FOR
from directory.notices.models import sent_notice
from directory.security.audit.models import audit_row
from directory.security.rights.roles import Scope
from federation import Node, reading, writing
from tests.api.systems import SystemClient
from tests.directory.worlds import KENT, LEEDS, Consortium

pytestmark = pytest.mark.both_databases

OURS = f"/authorities/{KENT}/notices"
REASON = {"Reason": "Duty desk, referral today"}
TO_LEEDS = {**NOTICE_TO_SEND, "area_authority": LEEDS}
CHILD = (b"Robin", b"LDS-0042", b"2012-05-17", b"quiet school")


def key(text: str) -> dict[str, str]:
    return {"Idempotency-Key": text.ljust(16, "0")}


def count(node: Node) -> int:
    with reading(node.node_db) as connection:
        return connection.scalar(select(func.count()).select_from(sent_notice)) or 0


def test_a_notice_is_sent_and_listed_and_read_with_a_reason(system: SystemClient) -> None:
    answer = system.post(f"{OURS}/sent", json=TO_LEEDS, headers=key("first"))
    assert answer.status_code == 201
    notice = answer.get_json()["id"]
    assert answer.headers["Location"] == f"/api/v1{OURS}/sent/{notice}"
    listed = system.get(f"{OURS}/sent")
    pages = range(1, listed.get_json()["pages"] + 1)
    every = [system.get(f"{OURS}/sent?page={page}").get_json()["notices"] for page in pages]
    (one,) = [one for notices in every for one in notices if one["id"] == notice]
    assert (one["state"], one["area_authority"]) == ("waiting", LEEDS)
    whole = system.get(f"{OURS}/sent/{notice}", headers=REASON)
    assert whole.get_json() == TO_LEEDS["notice"]
    for personal in (listed, whole):
        assert personal.headers["Cache-Control"] == "no-store"
        assert "ETag" not in personal.headers


def test_lists_say_nothing_of_a_child(system: SystemClient, received: str, sent: str) -> None:
    for path in (f"{OURS}/sent", f"{OURS}/received", f"{OURS}/sent/{sent}/acknowledgement"):
        answer = system.get(path)
        assert answer.status_code == 200
        assert not [one for one in CHILD if one in answer.data]


def test_a_look_needs_a_reason_which_the_audit_keeps(
    system: SystemClient, world: Consortium, received: str
) -> None:
    path = f"{OURS}/received/{received}"
    for headers in ({}, {"Reason": "why"}, {"Reason": "  "}):
        answer = system.get(path, headers=headers)
        assert answer.status_code == 400
        assert answer.get_json()["type"] == "urn:commonhearth:problem:reason-wanted"
    assert b"Robin" in system.get(path, headers=REASON).data
    with reading(world.reader.node_db) as connection:
        row = connection.execute(select(audit_row).order_by(audit_row.c.seq.desc())).first()
    assert row
    assert (row.who, row.record) == (f"system:{system.client}", f"notice/{received}")


def test_a_repeated_request_is_answered_alike_and_done_once(
    system: SystemClient, world: Consortium
) -> None:
    before = count(world.reader)
    answers = [system.post(f"{OURS}/sent", json=TO_LEEDS, headers=key("again")) for _ in range(3)]
    assert {(one.status_code, one.data, one.headers["Location"]) for one in answers} == {
        (201, answers[0].data, answers[0].headers["Location"])
    }
    assert count(world.reader) == before + 1


def test_requests_that_come_at_the_same_time_are_done_once(
    system: SystemClient, world: Consortium
) -> None:
    before, bearer = count(world.reader), system.bearer
    answers: list[tuple[int, bytes]] = []

    def send() -> None:
        one = system.post(
            f"{OURS}/sent", json=TO_LEEDS, headers={**key("race"), "Authorization": bearer}
        )
        answers.append((one.status_code, one.data))

    threads = [threading.Thread(target=send) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert count(world.reader) == before + 1


def test_a_key_of_another_request_is_refused(system: SystemClient, world: Consortium) -> None:
    system.post(f"{OURS}/sent", json=TO_LEEDS, headers=key("reused"))
    before = count(world.reader)
    other = copy.deepcopy(TO_LEEDS)
    other["notice"]["care_plan"] = "Another one."  # type: ignore[index]
    answer = system.post(f"{OURS}/sent", json=other, headers=key("reused"))
    assert answer.status_code == 422
    assert answer.get_json()["type"] == "urn:commonhearth:problem:idempotency-key-reused"
    assert count(world.reader) == before


def test_keys_of_two_systems_are_two_keys(
    app: Flask, registered: Callable[..., tuple[str, str]], world: Consortium
) -> None:
    before = count(world.reader)
    for _ in range(2):
        one = SystemClient(app, *registered())
        assert one.post(f"{OURS}/sent", json=TO_LEEDS, headers=key("mine")).status_code == 201
    assert count(world.reader) == before + 2


def test_what_failed_may_be_tried_again_with_its_key(system: SystemClient) -> None:
    nobody = {**NOTICE_TO_SEND, "area_authority": "E10000008"}
    answer = system.post(f"{OURS}/sent", json=nobody, headers=key("failed"))
    assert answer.status_code == 409
    assert answer.get_json()["type"] == "urn:commonhearth:problem:not-a-member"
    again = system.post(f"{OURS}/sent", json=TO_LEEDS, headers=key("failed"))
    assert again.status_code == 201


def test_a_key_is_kept_for_a_day_as_a_digest(system: SystemClient, world: Consortium) -> None:
    node = world.reader
    system.post(f"{OURS}/sent", json=TO_LEEDS, headers=key("old-and-gone"))
    with writing(node.node_db) as connection:
        kept = connection.execute(select(answered)).all()
        assert "old-and-gone" not in str(kept)
        connection.execute(
            answered.update().values(answered_at=node.now() - KEPT_FOR - timedelta(seconds=1))
        )
    system.post(f"{OURS}/sent", json=TO_LEEDS, headers=key("new"))
    with reading(node.node_db) as connection:
        assert connection.scalar(select(func.count()).select_from(answered)) == 1


def test_a_write_without_a_key_is_told_to_draw_one(system: SystemClient) -> None:
    answer = system.post(f"{OURS}/sent", json=TO_LEEDS)
    assert answer.status_code == 400
    assert answer.get_json()["type"] == "urn:commonhearth:problem:idempotency-key-wanted"


def test_a_notice_is_acknowledged_once(system: SystemClient, received: str) -> None:
    path = f"{OURS}/received/{received}/acknowledgement"
    first = system.post(path, json=CONTACT, headers=key(f"a{received}"[:40]))
    again = system.post(path, json=CONTACT, headers=key(f"a{received}"[:40]))
    assert (first.status_code, first.data) == (201, again.data)
    other = system.post(path, json=CONTACT, headers=key(f"b{received}"[:40]))
    assert other.status_code == 409


@pytest.mark.parametrize("path", ["sent", "received", "sent/x", "received/x"])
def test_another_authority_s_notices_are_refused_to_read(system: SystemClient, path: str) -> None:
    answer = system.get(f"/authorities/{LEEDS}/notices/{path}", headers=REASON)
    assert answer.status_code == 403


def test_nothing_is_sent_in_another_authority_s_name(
    system: SystemClient, world: Consortium
) -> None:
    before = count(world.reader)
    path = f"/authorities/{LEEDS}/notices/sent"
    assert system.post(path, json=TO_LEEDS, headers=key("theirs")).status_code == 403
    assert count(world.reader) == before


def test_a_system_that_sends_reads_nothing(
    app: Flask, registered: Callable[..., tuple[str, str]], sent: str
) -> None:
    sender = SystemClient(app, *registered(Scope.NOTICES_SEND))
    assert sender.get(f"{OURS}/sent").status_code == 200
    assert sender.get(f"{OURS}/sent/{sent}", headers=REASON).status_code == 403
    assert sender.get(f"{OURS}/received").status_code == 403


def test_every_field_that_does_not_fit_is_named_and_nothing_of_it_said(
    system: SystemClient,
) -> None:
    damaged: dict[str, Any] = copy.deepcopy(TO_LEEDS)
    damaged["notice"]["child"] |= {"born_on": "Zebedee 1", "family_name": "Zebedee\n"}
    damaged["notice"]["child"]["Zebedee"] = "Zebedee"
    damaged["notice"]["legal_status"] = "Zebedee"
    damaged["notice"]["placement"]["emergency"] = "Zebedee"
    del damaged["notice"]["care_plan"]
    answer = system.post(f"{OURS}/sent", json=damaged, headers=key("damaged"))
    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.get_json()["errors"]} == {
        "#/notice/care_plan",
        "#/notice/child",
        "#/notice/child/born_on",
        "#/notice/child/family_name",
        "#/notice/legal_status",
        "#/notice/placement/emergency",
    }
    assert b"Zebedee" not in answer.data


def test_types_are_not_guessed(system: SystemClient) -> None:
    for field, wrong in (("identifier", 42), ("born_on", "20120517"), ("given_name", None)):
        damaged: dict[str, Any] = copy.deepcopy(TO_LEEDS)
        damaged["notice"]["child"][field] = wrong
        answer = system.post(f"{OURS}/sent", json=damaged, headers=key("typed"))
        assert answer.status_code == 422
        assert [one["pointer"] for one in answer.get_json()["errors"]] == [
            f"#/notice/child/{field}"
        ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"name": "A", "name": "B", "role": "R", "telephone": "1"}',
        b'{"name": NaN}',
        b'{"name": "\\ud800", "role": "R", "telephone": "1"}',
        b'{"name": "\xff"}',
        b"[" * 200_000,
        b'{"a":' * 50_000,
    ],
    ids=["empty", "cut off", "twice", "NaN", "half a pair", "not UTF-8", "deep", "deeper"],
)
def test_json_that_can_be_read_in_two_ways_is_refused(
    system: SystemClient, received: str, body: bytes
) -> None:
    answer = system.post(
        f"{OURS}/received/{received}/acknowledgement",
        data=body,
        content_type="application/json",
        headers=key("bodies"),
    )
    assert answer.status_code == 400
    assert answer.get_json()["type"] == "urn:commonhearth:problem:bad-request"


def test_what_is_no_json_or_too_large_is_refused(system: SystemClient, received: str) -> None:
    path = f"{OURS}/received/{received}/acknowledgement"
    form = system.post(path, data={"name": "A"}, headers=key("form"))
    assert form.status_code == 415
    large = system.post(path, json={"name": "A" * 1_000_000}, headers=key("large"))
    assert large.status_code == 413
    assert large.get_json()["type"] == "urn:commonhearth:problem:content-too-large"


def test_the_audit_is_read_row_by_row_and_says_so(
    system: SystemClient, received: str, sent: str
) -> None:
    system.get(f"{OURS}/received/{received}", headers=REASON)
    path, seen = f"/authorities/{KENT}/audit?page_size=2", []
    for _ in range(2):
        answer = system.get(path)
        assert answer.headers["Cache-Control"] == "no-store"
        seen += [row["seq"] for row in answer.get_json()["rows"]]
        path = answer.headers["Link"].split(">")[0].removeprefix("</api/v1")
    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 4
    rows = system.get(f"/authorities/{KENT}/audit").get_json()["rows"]
    assert rows[0]["record"] == "audit"
    assert {row["authority"] for row in rows} == {KENT}
    looked = [row for row in rows if row["record"] == f"notice/{received}" and row["reason"]]
    assert looked[0]["reason"] == REASON["Reason"]
