"""Whole nodes as they are run: `hearth run` twice, asked over HTTP, killed at random, checked."""

import random
from collections.abc import Callable
from contextlib import suppress

import pytest

from directory.notices.received import acknowledge, received
from directory.notices.sent import acknowledgement_of, send_notice
from federation import Node, audit_logs, dispatches, reading, stage, writing
from protocols.notices import Contact
from tests.federation.processes import until
from tests.federation.running import PATIENCE, Running, hearth
from tests.federation.servers import free_ports
from tests.federation.worlds import (
    KENT,
    LEEDS,
    WHO,
    World,
    a_notice,
    home_record,
    log_of,
    own_records,
    records,
    true_time,
)
from tests.stranger.pystranger import check_log

pytestmark = pytest.mark.both_databases(second_is_soak=True)


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent and Leeds at free ports, served by nobody yet."""
    ports = free_ports(2)
    urls = {n: f"http://127.0.0.1:{p}" for n, p in zip(("kent", "leeds"), ports, strict=True)}
    return found("kent", "leeds", urls=urls, clock=true_time)


def hand_in(node: Node, *homes: bytes) -> None:
    with writing(node.node_db) as connection:
        stage(connection, node, ((repr(one)[:120], one) for one in homes))


def send(node: Node, placing: str, area: str) -> str:
    with writing(node.node_db) as connection:
        return send_notice(connection, node, WHO, a_notice(), placing=placing, area=area)


def came(node: Node, area: str) -> list[str]:
    with reading(node.node_db) as connection:
        return sorted(notice.id for notice in received(connection, WHO, area))


def all_stored(node: Node) -> bool:
    with reading(node.node_db) as connection:
        return {one.state for one in dispatches(connection).values()} <= {"stored"}


def held(node: Node, author: str) -> int:
    with suppress(StopIteration):
        return log_of(node, author).size
    return 0


@pytest.mark.soak  # `test_rounds` kills whole nodes as well
def test_whole_nodes_that_are_killed_lose_nothing_and_double_nothing(world: World) -> None:
    kent, leeds = world["kent"], world["leeds"]
    dice = random.Random(2)
    ours: list[bytes] = []
    theirs: list[bytes] = []
    sent: list[str] = []
    back: list[str] = []
    with Running(kent) as run_kent, Running(leeds) as run_leeds:
        until(lambda: run_kent.answers() and run_leeds.answers(), PATIENCE)
        for number in range(2):
            fresh = [home_record(f"K{number:02}{n:04}") for n in range(300)]
            hand_in(kent, *fresh)
            ours += fresh
            fresh = [home_record(f"L{number:02}{n:04}", LEEDS) for n in range(300)]
            hand_in(leeds, *fresh)
            theirs += fresh
            sent += [send(kent, KENT, LEEDS) for _ in range(5)]
            back += [send(leeds, LEEDS, KENT) for _ in range(5)]
            victim = run_kent if number % 2 else run_leeds
            victim.lives_for(dice.uniform(0.1, 0.8))
            victim.kill()
            victim.start()
            until(victim.answers, PATIENCE)
        until(lambda: held(leeds, "kent") >= len(ours), PATIENCE)
        until(lambda: held(kent, "leeds") >= len(theirs), PATIENCE)
        until(lambda: all_stored(kent) and all_stored(leeds), PATIENCE)
        answer(leeds, sent[0])
        until(lambda: acknowledged(kent, sent[0]), PATIENCE)
        a_stranger_accepts_what_is_served(leeds, "kent")
        assert hearth(kent, "verify")["sound"] is True
        assert run_kent.stop() == run_leeds.stop() == 0
    for author, reader, handed_in in ((kent, leeds, ours), (leeds, kent, theirs)):
        followed = (records(author, author.name), records(reader, author.name))
        for held_there in (own_records(author), *followed):
            assert without_anchors(held_there) == handed_in
    assert came(leeds, LEEDS) == sorted(sent)
    assert came(kent, KENT) == sorted(back)
    for node in (kent, leeds):
        assert {one.problem for one in audit_logs(node)} == {None}
        assert b"Robin" not in (node.folder / "run.log").read_bytes()


def without_anchors(every: list[bytes]) -> list[bytes]:
    """What was handed in: on a slow machine an hourly anchor of the audit may stand among it."""
    return [one for one in every if not one.startswith(b'{"schema":"anchor/1"')]


def a_stranger_accepts_what_is_served(reader: Node, author: str) -> None:
    """Who knows only what `hearth log-info` prints accepts the author's log."""
    [log] = [log for log in hearth(reader, "log-info")["logs"] if log["node"] == author]
    said = check_log(log["prefix"], log["vkeys"][0])
    assert (said["size"], said["root"]) == (log["size"], log["root"])


def answer(node: Node, notice: str) -> None:
    duty = Contact("Duty officer", "Duty officer", "01632 960001")
    with writing(node.node_db) as connection:
        acknowledge(connection, node, WHO, area=LEEDS, notice=notice, contact=duty)


def acknowledged(node: Node, notice: str) -> bool:
    with reading(node.node_db) as connection:
        answer = acknowledgement_of(connection, node, WHO, placing=KENT, notice=notice)
        return answer is not None
