"""Whole nodes: an author publishes and dies; who joins after that finds its homes all the same."""

from collections.abc import Callable

import pytest
from werkzeug.wrappers import Response

from federation import Node
from tests.federation.processes import until
from tests.federation.running import PATIENCE, Running, hearth
from tests.federation.servers import free_ports
from tests.federation.worlds import (
    World,
    home_record,
    log_of,
    publish,
    records,
    trouble,
    true_time,
    urns,
)

NAMES = ("kent", "leeds", "devon")


@pytest.fixture
def world(found: Callable[..., World]) -> World:
    """Kent, Leeds and Devon at free ports, served by nobody yet."""
    ports = free_ports(len(NAMES))
    urls = {n: f"http://127.0.0.1:{p}" for n, p in zip(NAMES, ports, strict=True)}
    return found(*NAMES, urls=urls, clock=true_time)


@pytest.mark.soak
def test_the_records_of_a_node_that_died_reach_who_joins_after_that(world: World) -> None:
    kent, leeds, devon = (world[name] for name in NAMES)
    homes = [home_record(f"K{number:04}") for number in range(600)]
    publish(kent, *homes)
    with Running(leeds) as run_leeds:
        with Running(kent) as run_kent:
            until(lambda: run_kent.answers() and run_leeds.answers(), PATIENCE)
            until(lambda: records_held(leeds) == homes, PATIENCE)
        with Running(devon):
            until(lambda: records_held(devon) == homes, PATIENCE)
            until(lambda: log_of(devon, "kent").checkpoint, PATIENCE)
            assert "cannot be reached" in str(trouble(devon, "kent"))
    found = hearth(devon, "search", "Kent")
    assert found["total"] == len(homes)
    assert log_of(devon, "kent").checkpoint == log_of(leeds, "kent").checkpoint


def test_one_pass_by_hand_takes_what_a_mirror_holds(found: Callable[..., World]) -> None:
    world = found(*NAMES, clock=true_time)
    devon = world["devon"]
    publish(world["kent"], home_record("K1"))
    publish(world["leeds"])
    world.follow("leeds", "kent")
    world.hostile("kent").on(".*", lambda _: Response("no", 503))
    said = {log["node"]: log for log in hearth(devon, "sync")["logs"]}
    assert said["kent"]["applied"] == 1
    assert said["kent"]["trouble"] is None
    assert "answered 503" in said["kent"]["mirrored"]
    assert said["leeds"]["mirrored"] is None
    assert urns(devon) == ["K1"]


def records_held(node: Node) -> list[bytes]:
    try:
        return records(node, "kent")
    except StopIteration:
        return []
