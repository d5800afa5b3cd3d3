"""What one more record costs does not depend on how long the log is: counted, not timed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import event
from sqlalchemy.engine import Engine

from protocols.records import Home
from tests.directory.worlds import Consortium, a_home, a_statement, consortium, says

HELD, MORE = 100, 1500


@pytest.fixture
def kent(tmp_path: Path) -> Iterator[Consortium]:
    with consortium(tmp_path, {}) as one:
        yield one


def homes(start: int, count: int) -> list[Home]:
    return [a_home(f"SC{number:06}") for number in range(start, start + count)]


@contextmanager
def steps_of(engine: Engine) -> Iterator[list[int]]:
    """Tens of steps that SQLite's machine takes in an engine's connections."""
    taken = [0]

    def step() -> int:
        taken[0] += 1
        return 0

    def checked_out(connection: object, *_: object) -> None:
        connection.set_progress_handler(step, 10)  # type: ignore[attr-defined]

    event.listen(engine, "checkout", checked_out)
    try:
        yield taken
    finally:
        event.remove(engine, "checkout", checked_out)


def cost_of_one_more(kent: Consortium, home: Home) -> int:
    changed = replace(home, name=f"{home.name} once more")
    told = (changed, says(home.urn, adhd="yes"))
    with steps_of(kent.reader.replica) as taken:
        kent.publish("kent-node", told)
        kent.say("kent-node", a_statement(home.urn, {"ethos": "We are kind."}))
        kent.follow_all(kent.reader, ["kent-node"])
    return taken[0]


def test_one_more_record_costs_a_follower_the_same_however_many_it_holds(kent: Consortium) -> None:
    few = homes(100_000, HELD)
    kent.publish("kent-node", [*few, *(says(one.urn, adhd="yes") for one in few)])
    kent.follow_all(kent.reader)
    before = cost_of_one_more(kent, few[0])
    many = homes(200_000, MORE)
    kent.publish("kent-node", [*many, *(says(one.urn, adhd="yes") for one in many)])
    kent.follow_all(kent.reader)
    assert cost_of_one_more(kent, few[1]) < before + MORE / 10
