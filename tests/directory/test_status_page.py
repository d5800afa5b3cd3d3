"""The page of who looks after a node, and the first page: what waits, and what is not well."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from directory.app import create_app
from directory.node.status.metrics import as_metrics
from directory.node.status.presenters import facts, peer_rows
from directory.node.status.service import NodeStatus, node_status
from directory.notices.sent import send_notice
from directory.security.rights.principal import operator
from directory.security.rights.roles import Role
from directory.web.wording import counted
from federation import Contact, Heartbeat, Waiting, WitnessStanding, writing
from tests.directory.correspondence import AREA, PLACING, Correspondence
from tests.directory.people import signed_in
from tests.directory.visiting import HOSTILE, row, words_of
from tests.federation.worlds import a_notice


@pytest.fixture(scope="module")
def app(post: Correspondence) -> Flask:
    return create_app(post.placing)


@pytest.fixture(scope="module")
def administrator(app: Flask) -> FlaskClient:
    return signed_in(app, Role.NODE_ADMINISTRATOR)


@pytest.fixture
def status(post: Correspondence) -> NodeStatus:
    return node_status(post.placing, operator("root"))


def send(post: Correspondence) -> None:
    with writing(post.placing.node_db) as connection:
        send_notice(
            connection, post.placing, operator("root"), a_notice(), placing=PLACING, area=AREA
        )


def test_a_node_that_is_well_says_so(administrator: FlaskClient) -> None:
    page = administrator.get("/node")
    assert row(page, "Own log") == "1 entry"
    assert row(page, "Signed") == "20 November 2026 at 09:30, just now"
    assert row(page, "Waits to be signed") == "0 records"
    assert row(page, "Databases").startswith(("SQLite; schema ", "PostgreSQL; schema "))
    met = "leeds-node Leeds Up to date just now Clock: Not known Version: Not known 1 entry"
    assert met in words_of(page)
    assert "Every message has reached its authority" in words_of(page)
    assert page.headers["Cache-Control"] == "no-store"


def test_messages_that_wait_are_counted_and_not_shown(
    post: Correspondence, administrator: FlaskClient
) -> None:
    for _ in range(2):
        send(post)
    page = administrator.get("/node")
    assert row(page, "To Leeds") == "2, the first queued just now"
    for told in ("TEST-1", "Robin", "Sample Lane"):
        assert told not in page.text
    post.deliver()


def test_trouble_with_a_peer_comes_first_with_its_words_and_its_time(
    post: Correspondence, administrator: FlaskClient
) -> None:
    with writing(post.placing.replica) as connection:
        connection.execute(
            text("UPDATE log SET trouble = :why, trouble_since = verified_at WHERE node = :node"),
            {"why": HOSTILE, "node": "lewisham-node"},
        )
    page = administrator.get("/node")
    shown = words_of(page)
    assert "In trouble" in shown
    assert "Since 20 November 2026 at 09:30." in shown
    assert shown.index("lewisham-node") < shown.index("leeds-node")
    for mark in ("<script>alert", 'onmouseover="x"', " 49 "):
        assert mark not in page.text


def test_a_peer_s_row_says_how_far_behind_each_is_and_what_is_odd(status: NodeStatus) -> None:
    (leeds,) = [one for one in status.peers if one.member.node == "leeds-node"]
    ours, theirs = status.own, leeds.log
    assert ours
    assert theirs
    met = Contact(
        node="leeds-node",
        answered_at=status.at - timedelta(hours=2),
        ahead_s=-5400,
        version="0.0.9",
        problem="it cannot be reached",
        problem_since=status.at - timedelta(hours=1),
        offered=theirs.size + 4,
        holds=0,
        requests=7,
        bytes_received=70,
    )
    waits = {"Leeds": Waiting(2, status.at - timedelta(days=3), "it cannot be reached")}
    (row,) = peer_rows(replace(status, peers=[replace(leeds, contact=met, waits=waits)]))
    assert row.state == "In trouble"
    assert row.answered == "2 hours ago"
    assert row.held == f"{theirs.size} of {theirs.size + 4} entries"
    assert row.ours == f"0 of {counted(ours.size, 'entry', 'entries')}"
    assert row.waits == "2 messages, the oldest queued 3 days ago: it cannot be reached"
    assert (row.clock, row.version) == ("5,400 seconds behind ours", "0.0.9")
    assert row.notes == [
        "it cannot be reached. Since 20 November 2026 at 08:30.",
        "Its clock is 1 hour behind ours: one of the two is wrong.",
        "It runs version 0.0.9.",
    ]


def test_figures_for_who_watches_name_peers_and_counts_alone(
    post: Correspondence, app: Flask, status: NodeStatus
) -> None:
    send(post)
    answer = app.test_client().get("/metrics")
    assert answer.status_code == 200
    assert answer.content_type.startswith("text/plain; version=")
    figures = {
        (sample.name, sample.labels.get("peer")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert figures["hearth_log_entries", None] == 1
    assert figures["hearth_peer_waiting_messages", "leeds-node"] == 1
    assert figures["hearth_peer_held_entries", "leeds-node"] == 1
    assert figures["hearth_charter_expires_timestamp_seconds", None] == status.expires.timestamp()
    for told in ("TEST-1", "Robin", "Sample Lane"):
        assert told not in answer.text
    post.deliver()


@pytest.mark.parametrize(
    "sent",
    [
        {"environ_overrides": {"REMOTE_ADDR": "192.0.2.1"}},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"Host": "rebound.example"}},
    ],
)
@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
@pytest.mark.parametrize("public_url", [None, "https://hearth.example.org"])
def test_figures_are_for_the_node_s_own_machine(
    post: Correspondence, sent: dict[str, Any], public_url: str | None, path: str
) -> None:
    answer = create_app(post.placing, public_url).test_client().get(path, **sent)
    assert answer.status_code == 403
    assert "hearth_" not in answer.text
    assert "ready" not in answer.text


def test_what_will_go_wrong_is_warned_of(status: NodeStatus) -> None:
    well = {fact.key for fact in facts(status) if fact.warning}
    assert well <= {"Room on the disk", "Worker"}, "as the machine of the test is, and no worker"
    ill = replace(
        status,
        free=1,
        room=100,
        staged=3,
        own=None,
        charter_warnings=["The charter ends in 5 days."],
    )
    warned = {fact.key: fact.warning for fact in facts(ill) if fact.warning}
    ill_keys = {"Signed", "Waits to be signed", "Worker", "Room on the disk", "Charter"}
    assert warned.keys() == ill_keys
    assert "ends in 5 days" in warned["Charter"]


def test_a_peer_s_row_says_how_it_is_as_a_witness_and_whether_its_snapshot_is_taken(
    status: NodeStatus,
) -> None:
    (leeds,) = [one for one in status.peers if one.member.node == "leeds-node"]
    since = status.at - timedelta(hours=1)
    asked = WitnessStanding("north", None, 7, since, "it is away", since, "leeds-node")
    trouble = "snapshot 3, after 4 was taken"
    ill = replace(leeds, witness=asked, snapshot_trouble=trouble)
    whole = replace(status, peers=[ill], witnesses=[asked], waits_for_quorum=since)
    (row,) = peer_rows(whole)
    assert row.witness == "7 entries cosigned, last 20 November 2026 at 08:30"
    assert row.state == "In trouble"
    assert row.notes == [
        "As a witness: it is away. Since 20 November 2026 at 08:30.",
        f"Its snapshot is not taken: {trouble}.",
    ]
    figures = as_metrics(whole).decode()
    for line in (
        'hearth_peer_snapshot_in_trouble{peer="leeds-node"} 1.0',
        'hearth_witness_cosigned_entries{witness="north"} 7.0',
        'hearth_witness_in_trouble{witness="north"} 1.0',
        f"hearth_waits_for_quorum_timestamp_seconds {since.timestamp():.10}",
    ):
        assert line in figures


def test_what_keeps_a_node_from_publishing_is_said(status: NodeStatus) -> None:
    seen = Heartbeat(status.at - timedelta(seconds=9), "too few members answer")
    warned = {fact.key: fact.warning for fact in facts(replace(status, worker=seen))}
    assert warned["Worker"] == "Too few members answer."
    gone = replace(seen, at=status.at - timedelta(minutes=5))
    warned = {fact.key: fact.warning for fact in facts(replace(status, worker=gone))}
    assert warned["Worker"].startswith("It does not run")


def test_a_peer_that_is_quiet_or_was_never_reached_is_named(status: NodeStatus) -> None:
    later = replace(status, at=status.at + timedelta(days=2))
    assert "Behind by 2 days" in {peer.state for peer in peer_rows(later)}
    unknown = replace(status, peers=[replace(one, log=None) for one in status.peers])
    assert {peer.state for peer in peer_rows(unknown)} == {"Never reached"}


@pytest.mark.parametrize("role", [Role.COMMISSIONER, Role.DUTY_OFFICER, Role.GOVERNANCE_OFFICER])
def test_others_do_not_see_the_node(app: Flask, role: Role) -> None:
    assert signed_in(app, role).get("/node").status_code == 403


# --- The first page -------------------------------------------------------------------------------


def test_a_duty_officer_is_led_to_the_inbox_and_told_how_many_wait(post: Correspondence) -> None:
    send(post)
    post.deliver()
    officer = signed_in(create_app(post.area), Role.DUTY_OFFICER, AREA)
    page = officer.get("/")
    assert f'href="/authorities/{AREA}/notices/received"' in page.text
    assert "not yet acknowledged" in words_of(page)
    assert "Notices sent" not in words_of(page)
