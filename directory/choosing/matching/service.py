"""Matching: essential criteria exclude, desirable ones put in order, and both are explained.

The order, as the page says it: homes that surely meet more of the essential criteria first; then
those that meet more of the desirable ones by their weight, in part for half; homes that come out
equal in the order of their URN, which says nothing about them. What is unknown excludes nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from pyroaring import BitMap
from sqlalchemy import Connection

from directory.choosing.matching.criteria import WEIGHTS, Criterion
from directory.choosing.matching.judging import OUTCOMES, Judged, judge
from directory.homes.index import HomeIndex, home_index
from directory.homes.ordering import page_of
from directory.homes.query import PAGE_SIZE
from directory.homes.service import FoundHome, found_homes

ORDER = (
    "Homes that surely meet more of the essential criteria come first; then those that meet more "
    "of the desirable ones, high counting three, medium two and low one, and in part half. Homes "
    "that come out equal stand in the order of their URN, which says nothing about them."
)
Buckets = dict[tuple[int, int], BitMap]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Homes, by URN, that do not meet an essential criterion; `alone` are those that would be there
    if this one were desirable.
    """

    criterion: Criterion
    excluded: int
    alone: int


@dataclass(frozen=True, slots=True)
class Matched:
    """A home, and its outcome for each criterion, in the order of the criteria."""

    home: FoundHome
    outcomes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """A page of what fits. `considered` and `total` count homes by URN; `exclusions` are of every
    essential criterion.
    """

    considered: int
    total: int
    page: int
    pages: int
    exclusions: list[Exclusion]
    homes: list[Matched]


def match(
    connection: Connection, criteria: Sequence[Criterion], page: int = 1, size: int = PAGE_SIZE
) -> Match:
    """Hold every home against criteria that `check_criteria` has let pass."""
    index = home_index(connection)
    judged = [judge(index, one) for one in criteria]
    essential = [
        (one, found)
        for one, found in zip(criteria, judged, strict=True)
        if one.importance == "essential"
    ]
    out = BitMap().union(*(found.not_met for _, found in essential))
    kept = index.everything - out
    pages = max(1, -(-len(kept) // size))
    page = min(max(1, page), pages)
    shown = page_of(iter(_in_order(kept, criteria, judged)), (page - 1) * size, size)
    return Match(
        considered=index.homes_in(index.everything),
        total=index.homes_in(kept),
        page=page,
        pages=pages,
        exclusions=_exclusions(index, kept, essential),
        homes=[
            Matched(home, tuple(_outcome(number, found) for found in judged))
            for number, home in zip(shown, found_homes(connection, index, shown), strict=True)
        ],
    )


def _in_order(
    kept: BitMap, criteria: Sequence[Criterion], judged: Sequence[Judged]
) -> list[BitMap]:
    """What is kept in layers, the best first: split by each criterion in turn, by what it adds."""
    layers: Buckets = {(0, 0): kept}
    for one, found in zip(criteria, judged, strict=True):
        split: Buckets = {}
        for (open_, score), homes in layers.items():
            met = homes & found.met
            partly = homes & found.partly
            rest = homes - met - partly
            less, weight = (1, 0) if one.importance == "essential" else (0, WEIGHTS[one.importance])
            for key, part in (
                ((open_, score - 2 * weight), met),
                ((open_ + less, score - weight), partly),
                ((open_ + less, score), rest),
            ):
                if part:
                    split[key] = split[key] | part if key in split else part
        layers = split
    return [layers[key] for key in sorted(layers)]


def _exclusions(
    index: HomeIndex, kept: BitMap, essential: Sequence[tuple[Criterion, Judged]]
) -> list[Exclusion]:
    told = []
    for at, (one, found) in enumerate(essential):
        others = [other.not_met for place, (_, other) in enumerate(essential) if place != at]
        alone = reduce(lambda left, out: left - out, others, found.not_met)
        told.append(Exclusion(one, index.homes_in(found.not_met), index.homes_in(alone - kept)))
    return told


def _outcome(number: int, found: Judged) -> str:
    return next(name for name in OUTCOMES if number in getattr(found, name))
