"""Rounds of faults: whatever happens to whole nodes, nothing is lost, doubled or brought back.

Three nodes with a committee of themselves. In each round every kind of fault strikes, in an order
and at nodes and instants that are drawn, while everybody publishes and sends. After each round all
is held against a ledger outside of the nodes.
"""

import random
from collections.abc import Callable
from functools import partial

import pytest

from tests.federation.consortium import Consortium
from tests.federation.mortal import PHASES
from tests.federation.servers import free_ports
from tests.federation.worlds import World, true_time

pytestmark = pytest.mark.both_databases(second_is_soak=True)

NAMES = ("kent", "leeds", "devon")


@pytest.mark.parametrize("rounds", [2, pytest.param(50, marks=pytest.mark.soak)])
def test_nothing_is_lost_doubled_or_brought_back_whatever_faults_strike(
    found: Callable[..., World], rounds: int, record_property: Callable[[str, str], None]
) -> None:
    ports = free_ports(len(NAMES))
    urls = {n: f"http://127.0.0.1:{p}" for n, p in zip(NAMES, ports, strict=True)}
    world = found(*NAMES, urls=urls, clock=true_time, witnesses=NAMES, rule="2")
    dice = random.Random(rounds)
    with Consortium(world, dice) as consortium:
        consortium.traffic()
        for number in range(rounds):
            faults: list[Callable[[], None]] = [
                *(partial(consortium.kill_while, phase) for phase in PHASES),
                consortium.cut_off,
                consortium.lose_receipts,
                consortium.turn_back_a_clock,
            ]
            try:
                for fault in dice.sample(faults, len(faults)):
                    fault()
                consortium.settle()
                consortium.ledger.check()
            except AssertionError as error:
                error.add_note(f"In round {number}, {fault}\n{consortium.said()[-10_000:]}")
                raise
    assert "Robin" not in consortium.said()
    assert "Traceback" not in consortium.said()
    record_property("faults", consortium.report(rounds))
