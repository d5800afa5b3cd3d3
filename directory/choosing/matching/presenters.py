"""A match as its page and its file show it: each home with every outcome and the reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from directory.choosing.matching.criteria import Criterion
from directory.choosing.matching.evidence import Evidence, called, evidence
from directory.choosing.matching.service import Exclusion, Match, Matched
from directory.exports import Cell
from directory.homes import labels
from directory.homes.presenters import Tag, judgement, kind, tags, title
from directory.homes.query import NOT_INSPECTED

OUTCOMES = {
    "met": ("Met", "green"),
    "partly": ("Partly", "yellow"),
    "unknown": ("Unknown", "grey"),
    "not_met": ("Not met", "red"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A criterion of a home: what it is, how much it matters, how it came out and why."""

    criterion: str
    importance: str
    outcome: str
    colour: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class MatchCard:
    """A home that fits."""

    urn: str
    title: str
    kind: str
    area: str
    judgement: str
    tags: list[Tag]
    rows: list[Row]
    summary: str


@dataclass(frozen=True, slots=True)
class ExclusionRow:
    """An essential criterion: how many homes it excludes, and the field by which it is relaxed."""

    criterion: str
    excluded: int
    alone: int
    field: str


def card(criteria: Sequence[Criterion], one: Matched, today: date) -> MatchCard:
    """A home with every outcome."""
    home = one.home.record
    counted = {name: one.outcomes.count(name) for name in OUTCOMES}
    said = [f"{counted[name]} {OUTCOMES[name][0].lower()}" for name in OUTCOMES if counted[name]]
    return MatchCard(
        urn=home.urn,
        title=title(home),
        kind=kind(home),
        area=f"{one.home.authority_name}, {one.home.region}",
        judgement=judgement(home.judgement) if home.judgement else NOT_INSPECTED,
        tags=tags(one.home),
        rows=[
            Row(called(each), _matters(each), *OUTCOMES[outcome], evidence(each, one.home, today))
            for each, outcome in zip(criteria, one.outcomes, strict=True)
        ],
        summary=f"Of {len(criteria)}: {', '.join(said)}.",
    )


def exclusion(one: Exclusion, field: str) -> ExclusionRow:
    """An essential criterion, and what it costs."""
    return ExclusionRow(called(one.criterion), one.excluded, one.alone, field)


def headings(criteria: Sequence[Criterion]) -> list[str]:
    """Of the file: a home, then each criterion with its outcome and the reason."""
    told = ["URN", "Name", "Authority", "Region", "Overall judgement", "Inspected on"]
    for one in criteria:
        told += [f"{called(one)} ({_matters(one).lower()})", "What is said", "From"]
    return told


def rows(criteria: Sequence[Criterion], found: Match, today: date) -> Iterator[list[Cell]]:
    """One row a home, in the order of the match."""
    for one in found.homes:
        home = one.home.record
        judged = home.judgement
        cells: list[Cell] = [home.urn, home.name or labels.NAME_UNKNOWN]
        cells += [one.home.authority_name, one.home.region]
        cells += [judged.overall if judged else NOT_INSPECTED]
        cells += [judged.inspected_on if judged else None]
        for each, outcome in zip(criteria, one.outcomes, strict=True):
            why = evidence(each, one.home, today)
            cells += [OUTCOMES[outcome][0], why.said, why.record]
        yield cells


def _matters(one: Criterion) -> str:
    return "Essential" if one.importance == "essential" else f"Desirable, {one.importance}"
