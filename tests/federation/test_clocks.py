"""A clock an hour wrong, on either side: nothing is lost, the reason is said, and it heals."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from federation import Dispatch, deliver_due, dispatches, queue, reading, writing
from protocols.notices import encode_body
from tests.federation.worlds import KENT, LEEDS, Clock, World, a_notice, home_record, urns

pytestmark = pytest.mark.both_databases(second_is_soak=True)


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    return found("kent", "leeds")


def wrong_by(world: World, name: str, **time: float) -> Clock:
    """From now on this node's clock is another."""
    clock = Clock(world.turn.now + timedelta(**time))
    world.open(name, now=clock)
    return clock


def send(world: World) -> str:
    kent = world["kent"]
    with writing(kent.node_db) as connection:
        return queue(connection, kent, sender=KENT, recipient=LEEDS, body=encode_body(a_notice()))


def deliver(world: World, message: str) -> Dispatch:
    kent = world["kent"]
    deliver_due(kent, world.peer("kent", "leeds"))
    with reading(kent.node_db) as connection:
        return dispatches(connection)[message]


@pytest.mark.parametrize("name", ["kent", "leeds"])
@pytest.mark.parametrize("hours", [-1, 1])
def test_a_log_is_followed_whatever_the_clocks_say(world: World, name: str, hours: int) -> None:
    wrong_by(world, name, hours=hours)
    world.publish("kent", home_record("U1"))
    assert world.follow("leeds", "kent") == 1
    assert urns(world["leeds"]) == ["U1"]


@pytest.mark.parametrize(("name", "hours"), [("kent", -1), ("leeds", 1)])
def test_a_notice_from_an_hour_ago_arrives(world: World, name: str, hours: int) -> None:
    wrong_by(world, name, hours=hours)
    assert deliver(world, send(world)).state == "stored"


@pytest.mark.parametrize(("name", "hours"), [("kent", 1), ("leeds", -1)])
def test_a_notice_from_an_hour_ahead_waits_and_says_that_a_clock_is_wrong(
    world: World, name: str, hours: int
) -> None:
    clock = wrong_by(world, name, hours=hours)
    message = send(world)
    waiting = deliver(world, message)
    assert waiting.state == "waiting"
    assert "Its clock is 60 minutes behind ours" in str(waiting.problem)
    world.turn.forward(hours=1, minutes=2)
    clock.now = world.turn.now  # it is put right
    assert deliver(world, message).state == "stored"


def test_a_peer_that_refuses_whatever_its_date_says_is_not_asked_for_ever(world: World) -> None:
    wrong_by(world, "leeds", hours=1)
    leeds = world.hostile("leeds")
    leeds.on("/token", lambda answer: setattr(answer, "status_code", 401))
    waiting = deliver(world, send(world))
    assert leeds.asked == ["/token", "/token"]
    assert "Its clock is 60 minutes ahead of ours" in str(waiting.problem)
