"""Every figure on the page about performance was measured by the benches, and none is made up."""

import json
import re
from pathlib import Path

from directory.bench.everything import BENCHES
from directory.bench.page import PAPER, filled

ROOT = Path(__file__).parents[2]
KEPT = ROOT / "bench" / "latest.json"
LATEST = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
PAGE = (ROOT / "docs" / "performance.md").read_text("utf-8")
BLOCK = re.compile(r"<!-- figures: (\w+) -->\n.*?<!-- end -->", re.DOTALL)
MEASURE = re.compile(r"\d[\d.,]*\s*(?:[mµ]?s\b|%|[kKMG]B|per cent|percent|times|seconds?|\w+/s)")


def test_the_page_shows_what_was_measured_last() -> None:
    assert filled(PAGE, LATEST) == PAGE, "run `make bench`, or directory.bench.page as it does"


def test_every_bench_has_its_figures_there() -> None:
    assert set(BLOCK.findall(PAGE)) - {PAPER} == set(BENCHES) >= set(LATEST)


def test_no_figure_stands_outside_what_was_measured() -> None:
    assert MEASURE.findall("in 26 ms, 0.7 seconds, 9,058 records/s, 40 MB and 5 %")
    assert MEASURE.findall(BLOCK.sub("", PAGE)) == []


def test_a_figure_that_was_touched_by_hand_shows() -> None:
    touched = PAGE.replace("<!-- end -->", "And faster still.\n<!-- end -->", 1)
    assert touched != PAGE
    assert filled(touched, LATEST) == PAGE
