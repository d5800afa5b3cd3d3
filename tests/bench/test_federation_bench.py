"""The bench of a whole federation: every node is counted, and what it says adds up."""

from pathlib import Path

import pytest

from directory.bench import federation
from directory.bench.errors import BenchFailed
from directory.bench.federation import REQUESTS_PER_BUNDLE, measure


@pytest.mark.soak
def test_what_is_measured_has_its_shape(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(federation, "IDLE_S", 1.0)
    monkeypatch.setattr(federation, "PUBLISHED", 2)
    one = measure(tmp_path, nodes=2, records=600, report=lambda _: None)
    assert one.converged
    assert one.records == 600
    assert one.bundles == 4, "two of each log, each fetched by one other node"
    assert one.requests <= one.a * one.nodes**2 + one.b * one.bundles
    assert one.b == REQUESTS_PER_BUNDLE
    assert one.bytes > 600 * 1_000
    assert 0 < one.publish_to_searchable_p50_ms <= one.publish_to_searchable_p95_ms


def test_more_nodes_than_authorities_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BenchFailed, match="authorities for 1000 nodes"):
        measure(tmp_path, nodes=1000, records=1000, report=lambda _: None)
