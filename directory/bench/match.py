"""How fast every home is held against ten criteria, in the process, with its page of reasons."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random

from directory.bench.percentiles import percentile
from directory.bench.records import many_homes, many_profiles
from directory.bench.search import publish_all
from directory.choosing.matching.criteria import GRADES, WITHIN, Criterion, Importance
from directory.choosing.matching.evidence import evidence
from directory.choosing.matching.service import match
from directory.country.authorities.service import in_nation
from directory.country.codes.service import code_list
from directory.demo.consortium import found, free_ports
from directory.nodes import opened
from federation import Node, reading

CRITERIA = 10
WARM_UPS = 10
_TODAY = date(2026, 1, 1)
_IMPORTANCES: tuple[Importance, ...] = ("essential", "high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Matchings:
    """What was measured with a number of homes, described ones with a profile. A match is one with
    ten criteria, three of them essential or so, and a page of homes with every reason.
    """

    homes: int
    matches: int
    criteria: int
    p50_ms: float
    p95_ms: float


def measure_matches(
    folder: Path, homes: int, matches: int, report: Callable[[str], None]
) -> Matchings:
    """Measure in an empty folder."""
    dice = Random("matches")  # noqa: S311 - nothing here is a secret
    authorities = in_nation("England")
    codes = [one.gss for one in authorities]
    (site,) = found(folder, {"england": authorities}, free_ports(1))
    with ExitStack() as stack:
        node = stack.enter_context(opened(site.folder))
        report(f"Publishing {homes:,} homes with their profiles …")
        made = list(many_homes(homes, codes))
        publish_all(node, [*made, *many_profiles(made)], homes)
        report("Matching …")
        asked = [_criteria(dice, codes) for _ in range(matches + WARM_UPS)]
        seconds = [_timed(node, one) for one in asked][WARM_UPS:]
    return Matchings(homes, matches, CRITERIA, percentile(seconds, 50), percentile(seconds, 95))


def _criteria(dice: Random, places: Sequence[str]) -> list[Criterion]:
    """Age, sex, two places, a judgement, and codes; no two alike."""

    def matters(essential: float) -> Importance:
        return "essential" if dice.random() < essential else dice.choice(_IMPORTANCES[1:])

    known = [one.code for one in code_list().codes]
    near, away = dice.sample(places, 2)
    told = [
        Criterion("age", str(dice.randint(8, 17)), "essential"),
        Criterion("sex", dice.choice(("girls", "boys")), "essential"),
        Criterion("near", near, matters(0.2), dice.choice(WITHIN)),
        Criterion("away", away, matters(0.5)),
        Criterion("judgement", dice.choice(GRADES[:3]), matters(0.2)),
    ]
    chosen = dice.sample(known, CRITERIA - len(told))
    return [*told, *(Criterion("code", code, matters(0.1)) for code in chosen)]


def _timed(node: Node, criteria: list[Criterion]) -> float:
    began = time.perf_counter()
    with reading(node.replica) as connection:
        answer = match(connection, criteria)
    for one in answer.homes:
        for criterion in criteria:
            evidence(criterion, one.home, _TODAY)
    return time.perf_counter() - began
