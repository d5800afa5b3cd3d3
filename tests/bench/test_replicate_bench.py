"""The bench of catching up: one more record costs the same, however long the log."""

from pathlib import Path

import pytest

from directory.bench.replicate import replicate, short_log
from protocols.tiles import TILE_WIDTH


@pytest.mark.soak
@pytest.mark.both_databases
def test_one_more_record_costs_as_many_requests_however_long_the_log(
    database, tmp_path: Path
) -> None:
    server = database.fresh("template1") if database.kind == "postgresql" else None
    short, long = (replicate(tmp_path / str(n), n, server, lambda _: None) for n in (512, 1_280))
    assert short.incremental_requests == long.incremental_requests == 4
    assert short.ratio > 0
    assert long.requests > short.requests


@pytest.mark.parametrize("records", [1_024, 100_000, 1_000_000])
def test_the_short_log_ends_at_the_same_place_in_its_bundle(records: int) -> None:
    assert short_log(records) % TILE_WIDTH == records % TILE_WIDTH
    assert 1_000 - TILE_WIDTH < short_log(records) <= 1_000
