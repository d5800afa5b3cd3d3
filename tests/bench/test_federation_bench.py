"""The bench of a federation: every node is counted, and each request where it arrives."""

from pathlib import Path

import pytest

from directory.bench import cost, federation
from directory.bench.arrivals import Arrivals
from directory.bench.errors import BenchFailed
from directory.bench.federation import measure
from directory.demo.consortium import Site
from federation import worker


@pytest.mark.soak
@pytest.mark.parametrize("witnesses", [0, 1])
def test_what_is_measured_keeps_to_what_it_may_cost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, witnesses: int
) -> None:
    monkeypatch.setattr(federation, "IDLE_S", 1.0)
    monkeypatch.setattr(federation, "REST_S", 0.0)
    monkeypatch.setattr(federation, "PUBLISHED", 2)
    one = measure(tmp_path, 2, witnesses, 600, lambda _: None)
    assert one.converged
    assert one.records == 600
    assert one.bundles == 4, "two of each log, each fetched by one other node"
    assert one.bundle_requests == 2 * 4
    assert 0 < one.requests - one.bundle_requests <= cost.a_within(one.converge_s) * 2 * 2
    assert one.within_bounds
    assert one.bytes > 600 * 1_000
    assert 0 < one.publish_to_searchable_p50_ms <= one.publish_to_searchable_p95_ms


def test_more_nodes_than_authorities_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchFailed, match="authorities for 1000 nodes"):
        measure(tmp_path, 1000, 0, 1000, lambda _: None)


def test_requests_are_counted_once_and_bundles_apart(tmp_path: Path) -> None:
    site = Site("kent", tmp_path, 1, ())
    log = tmp_path / "node.log"
    log.write_text(
        'GET /charter 200\n{"event": "GET /charter 200"}\nGET /log/tile/entries/000 200\n'
        "GET /mirror/leeds/log/checkpoint 404\nPOST /token 200\nGET /log/payloads/000.p/7 200\nGE"
    )
    arrivals = Arrivals([site])
    assert arrivals.take() == (5, 2)
    with log.open("a") as more:
        more.write("T /log/checkpoint 200\n")
    assert arrivals.take() == (1, 0)
    assert arrivals.take() == (0, 0)


def test_what_it_costs_on_paper_follows_what_a_worker_does() -> None:
    assert cost.POLL_S == worker.POLL_S
    assert cost.SNAPSHOT_POLLS == worker.SNAPSHOT_POLLS
    assert cost.a_within(10) == 13
    assert cost.a_within(60) == 17
    assert cost.idle_an_hour(2) == 2 * (120 + 6 + 6) + 2 * (120 + 120)
    assert cost.pairs(218) == 47_306
