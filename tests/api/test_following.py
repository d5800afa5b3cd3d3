"""What follows a notice, for systems: said once, listed without the child, read with a reason."""

import secrets

import msgspec
import pytest

from directory.api.examples import (
    ANSWER_GIVEN,
    CHANGE_GIVEN,
    CONTACT,
    CONTAINMENT_GIVEN,
    ENDING_GIVEN,
    QUESTION_GIVEN,
    WITHDRAWAL_GIVEN,
)
from directory.arriving import receive
from federation import writing
from protocols.messages import Message
from protocols.notices import Contact
from protocols.placements import PlacementBody, Question, Withdrawal, encode_placement_body
from tests.api.systems import SystemClient
from tests.directory.worlds import KENT, LEEDS, Consortium

pytestmark = pytest.mark.both_databases

OURS = f"/authorities/{KENT}/notices"
REASON = {"Reason": "Duty desk, referral today"}
DUTY = msgspec.convert(CONTACT, Contact)
WHY = {"purpose": "To tell the area", "lawful_basis": "Legal obligation"}


def key() -> dict[str, str]:
    return {"Idempotency-Key": secrets.token_hex(16)}


def from_leeds(world: Consortium, body: PlacementBody) -> str:
    """Id of a message that came from Leeds."""
    node, message = world.reader, secrets.token_hex(16)
    now, raw = node.now(), msgspec.Raw(encode_placement_body(body))
    with writing(node.node_db) as connection:
        receive(connection, node, Message(1, message, LEEDS, KENT, now, now, raw), now)
    return message


def test_a_placing_authority_says_what_follows_and_each_once(
    system: SystemClient, world: Consortium, sent: str
) -> None:
    there = f"{OURS}/sent/{sent}"
    asked = from_leeds(world, Question(sent, world.reader.now(), DUTY, "Which school?", **WHY))
    for path, said in (
        ("changes", CHANGE_GIVEN),
        ("changes", {"kind": "extension", "since": "2026-03-02", "expected_end": "2026-09-01"}),
        ("ending", ENDING_GIVEN),
        (f"questions/{asked}/answer", ANSWER_GIVEN),
        ("withdrawal", WITHDRAWAL_GIVEN),
    ):
        drawn = key()
        twice = [system.post(f"{there}/{path}", json=said, headers=drawn) for _ in range(2)]
        assert [one.status_code for one in twice] == [201, 201], twice[0].data
        assert twice[0].data == twice[1].data
        assert twice[0].headers["Location"] == f"/api/v1{there}/after"
    listed = system.get(f"{there}/after")
    kinds = ["question/1", *["placement-change/1"] * 2, "placement-ending/1", "answer/1"]
    after = listed.get_json()["after"]
    assert [one["kind"] for one in after] == [*kinds, "withdrawal/1"]
    assert [one["state"] for one in after] == [None, *["waiting"] * 5]
    assert not [one for one in (b"Ines", b"school", b"park") if one in listed.data]
    assert system.get(f"{there}/now").status_code == 400
    now = system.get(f"{there}/now", headers=REASON).get_json()
    assert now["says"]["social_worker"] == CHANGE_GIVEN["social_worker"]
    assert now["says"]["schema"] == "notice/1"
    assert (now["expected_end"], now["ending"]["why"]) == ("2026-09-01", "returned home")
    assert now["questions"][0]["answers"][0]["text"] == ANSWER_GIVEN["text"]
    assert now["withdrawal"]["why"] == "sent twice"


def test_what_makes_no_sense_is_a_conflict_and_sends_nothing(
    system: SystemClient, sent: str
) -> None:
    there = f"{OURS}/sent/{sent}"
    placed = {"setting": "children's home", "address": "2 Lane", "starts_on": "2026-01-12"}
    for path, said, why in (
        ("changes", {"kind": "change", "since": "2026-03-02"}, "all of this already"),
        ("changes", {"kind": "extension", "since": "2026-03-02"}, "until when"),
        ("ending", {**ENDING_GIVEN, "ended_on": "2025-12-31"}, "before the day"),
        (
            "changes",
            {**CHANGE_GIVEN, "placement": {**placed, "urn": "SC100001"}},
            "in another area",
        ),
    ):
        answer = system.post(f"{there}/{path}", json=said, headers=key())
        assert answer.status_code == 409, answer.data
        assert why in answer.get_json()["detail"]
    elsewhere = system.post(f"{OURS}/sent/{'0' * 32}/ending", json=ENDING_GIVEN, headers=key())
    nothing = system.post(f"{there}/questions/{'0' * 32}/answer", json=ANSWER_GIVEN, headers=key())
    assert (elsewhere.status_code, nothing.status_code) == (404, 404)
    assert system.get(f"{there}/after").get_json()["after"] == []


def test_an_area_authority_asks_back_and_answers_for_what_was_withdrawn(
    system: SystemClient, world: Consortium, received: str
) -> None:
    there = f"{OURS}/received/{received}"
    assert system.post(f"{there}/questions", json=QUESTION_GIVEN, headers=key()).status_code == 201
    early = system.post(f"{there}/containment", json=CONTAINMENT_GIVEN, headers=key())
    assert early.status_code == 404
    assert system.get(f"{there}/now", headers=REASON).status_code == 200
    body = Withdrawal(received, 1, world.reader.now(), "wrong child", DUTY, **WHY)
    from_leeds(world, body)
    answer = system.post(f"{there}/containment", json=CONTAINMENT_GIVEN, headers=key())
    assert answer.status_code == 201
    after = system.get(f"{there}/after").get_json()["after"]
    assert [(one["kind"], one["state"]) for one in after] == [
        ("question/1", "waiting"),
        ("withdrawal/1", None),
        ("withdrawal-answer/1", "waiting"),
    ]
    now = system.get(f"{there}/now", headers=REASON).get_json()
    assert now["containment"]["opened_by"] == 1, "who looked above, by the audit"
