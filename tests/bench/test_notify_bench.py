"""The bench of notices sends real ones, and takes no receipt on trust."""

from pathlib import Path

import pytest

from directory.bench.notify import measure


@pytest.mark.soak
def test_what_is_measured_has_its_shape(tmp_path: Path) -> None:
    measured = measure(tmp_path, 12, lambda _: None)
    assert (measured.messages, measured.warm_ups) == (12, 10)
    assert measured.messages_per_s > 0
    assert 0 < measured.p50_ms <= measured.p95_ms
    least, most = sorted((measured.bare_commits_per_s, measured.bare_exchanges_per_s))
    assert 0 < measured.limit_per_s < least <= most
    assert measured.ratio > 0
