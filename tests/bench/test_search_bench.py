"""The bench of searching asks for something else each time, and checks the answers."""

import json
from pathlib import Path

import pytest

from directory.bench.errors import BenchFailed
from directory.bench.queries import KINDS, many_queries
from directory.bench.records import VOCABULARY, many_homes, vocabulary
from directory.bench.search import check_agreement, measure
from directory.homes.query import SearchQuery


def test_no_two_searches_are_alike_and_all_kinds_are_asked_as_often() -> None:
    asked = many_queries(560, homes=5600)
    assert len({one.query for one in asked}) == 560
    assert {kind: sum(one.kind == kind for one in asked) for kind in KINDS} == dict.fromkeys(
        KINDS, 112
    )
    assert asked == many_queries(560, homes=5600)


def test_the_vocabulary_is_large_and_the_homes_use_it_unevenly() -> None:
    words = vocabulary()
    assert len(words) == VOCABULARY >= 5000
    used = " ".join(
        one.description.summary for one in many_homes(300, ["E08000035"]) if one.description
    )
    counts = {word: used.lower().count(word) for word in (words[0], words[50], words[3000])}
    assert counts[words[0]] > 3 * counts[words[50]] > 9 * counts[words[3000]]


def test_what_is_measured_has_its_shape(tmp_path: Path) -> None:
    measured = measure(tmp_path, 200, 25, None, lambda _: None)
    assert (measured.homes, measured.queries, measured.warm_ups) == (200, 25, 10)
    assert {kind: times.queries for kind, times in measured.kinds.items()} == dict.fromkeys(
        KINDS, 5
    )
    assert 0 < measured.p50_ms <= measured.p95_ms
    assert measured.http_requests_per_s > 0
    assert 0 < measured.page_p50_ms <= measured.page_p95_ms
    assert 10_000 < measured.page_largest_bytes < 150_000
    assert measured.datasette_ratio is None


def _theirs(total: int, **facets: dict[str, int]) -> bytes:
    found = {
        name: {"results": [{"value": value, "count": count} for value, count in counts.items()]}
        for name, counts in facets.items()
    }
    return json.dumps({"filtered_table_rows_count": total, "facet_results": found}).encode()


OURS = json.dumps({"homes_found": 3, "counts": {"region": {"London": 3, "North East": 0}}}).encode()


def test_what_both_count_alike_agrees_and_a_filter_in_force_is_left_out() -> None:
    check_agreement(SearchQuery(), OURS, _theirs(3, region={"London": 3}))
    check_agreement(SearchQuery(region="London"), OURS, _theirs(3, region={"London": 1}))


@pytest.mark.parametrize(
    "theirs",
    [
        _theirs(4, region={"London": 3}),
        _theirs(3, region={"London": 2}),
        _theirs(3, region={"London": 3, "North East": 1}),
    ],
)
def test_another_count_is_an_error_and_no_footnote(theirs: bytes) -> None:
    with pytest.raises(BenchFailed, match="in Datasette"):
        check_agreement(SearchQuery(), OURS, theirs)
