"""Whole nodes with a committee, as they are run: killed witnesses lose and fork nothing."""

import random
from collections.abc import Callable
from contextlib import ExitStack

import pytest
import requests

from protocols.checkpoint import parse_checkpoint
from protocols.note import parse_note
from protocols.policy import require_quorum
from tests.federation.processes import until
from tests.federation.servers import free_ports
from tests.federation.test_end_to_end import PATIENCE, Running, hand_in, held
from tests.federation.worlds import World, home_record, own_records, records, true_time

pytestmark = pytest.mark.both_databases(second_is_soak=True)

NAMES = ("kent", "leeds", "devon")


@pytest.mark.parametrize(
    "times", [1, pytest.param(20, marks=pytest.mark.soak)], ids=["once", "many times"]
)
def test_witnesses_that_are_killed_hold_up_and_forge_and_lose_nothing(
    found: Callable[..., World], times: int
) -> None:
    ports = free_ports(3)
    urls = {n: f"http://127.0.0.1:{p}" for n, p in zip(NAMES, ports, strict=True)}
    world = found(*NAMES, urls=urls, clock=true_time, witnesses=NAMES, rule="2")
    kent, dice = world["kent"], random.Random(times)
    committee = kent.charter.committee
    assert committee is not None
    handed: list[bytes] = []
    with ExitStack() as stack:
        running = {name: stack.enter_context(Running(world[name])) for name in NAMES}
        until(lambda: all(one.answers() for one in running.values()), PATIENCE)
        for number in range(times):
            handed.append(home_record(f"K{number}"))
            hand_in(kent, handed[-1])
            victim = dice.choice(NAMES[1:])
            running[victim].lives_for(dice.uniform(0, 0.5))
            running[victim].kill()
            # The other two are a quorum.
            until(lambda: held(kent, "kent") == len(handed), PATIENCE)
            running[victim].start()
            until(running[victim].answers, PATIENCE)
        until(lambda: all(held(world[n], "kent") == len(handed) for n in NAMES), PATIENCE)
        note = requests.get(f"{urls['kent']}/log/checkpoint", timeout=10).content
    assert parse_checkpoint(parse_note(note).text).size == len(handed)
    assert len(require_quorum(note, committee)) >= 2
    assert own_records(kent) == handed
    assert all(records(world[name], "kent") == handed for name in NAMES)
