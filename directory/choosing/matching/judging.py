"""The rules: which homes meet a criterion, meet it in part, do not, and of which it is not known.

Every home is in exactly one of the four. Nothing said is *unknown* and never *not met*: a home that
is not yet described is unknown in all that only its profile says. A home's place is its authority,
so what is near and what is to be kept away from is judged by authorities.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import get_args

from pyroaring import BitMap

from directory.choosing.matching.criteria import GRADES, WITHIN, Criterion
from directory.homes.index import NONE, HomeIndex
from directory.homes.nearness import Origin, avoided, beside, read_origin
from directory.homes.query import NOT_INSPECTED
from protocols.profiles import Met


@dataclass(frozen=True, slots=True)
class Judged:
    """The claims with each outcome. Together they are all that were asked about."""

    met: BitMap
    partly: BitMap
    unknown: BitMap
    not_met: BitMap


_ANSWERS: tuple[Met, ...] = get_args(Met)
OUTCOMES = ("met", "partly", "unknown", "not_met")


def judge(index: HomeIndex, one: Criterion) -> Judged:
    """How every home stands to a criterion that `check_criteria` has let pass."""
    match one.kind:
        case "code":
            return _of_code(index, one.value)
        case "age":
            return _of_age(index, int(one.value))
        case "sex":
            met = index.sexes.get(one.value, NONE) | index.sexes.get("any", NONE)
            return _of(index, met, NONE, _said(index.sexes.values()))
        case "near":
            return _of_nearness(index, _origin(one), one.within)
        case "away":
            return _of_keeping_away(index, _origin(one))
        case "judgement":
            good = GRADES[: GRADES.index(one.value) + 1]
            met = _said(index.having("judgement", grade) for grade in good)
            said = index.everything - index.having("judgement", NOT_INSPECTED)
            return _of(index, met, NONE, said)
        case "places":
            met = _said(found for places, found in index.places.items() if places <= int(one.value))
            return _of(index, met, NONE, _said(index.places.values()))


def _of(index: HomeIndex, met: BitMap, partly: BitMap, said: BitMap) -> Judged:
    """`said` are the claims of which it is known."""
    return Judged(met, partly, index.everything - said, said - met - partly)


def _said(sets: Iterable[BitMap]) -> BitMap:
    return BitMap().union(*sets)


def _of_code(index: HomeIndex, code: str) -> Judged:
    met, partly, unmet = (index.answers[answer].get(code, NONE) for answer in _ANSWERS)
    return _of(index, met, partly, met | partly | unmet)


def _of_age(index: HomeIndex, age: int) -> Judged:
    """In part where the child is a year younger or older than the home takes."""
    met = _said(found for (least, most), found in index.ages.items() if least <= age <= most)
    edge = (found for (least, most), found in index.ages.items() if age in (least - 1, most + 1))
    return _of(index, met, _said(edge) - met, _said(index.ages.values()))


def _of_nearness(index: HomeIndex, origin: Origin, within: int) -> Judged:
    """In part in the next band of miles."""
    further = next((edge for edge in WITHIN if edge > within), None)
    met, partly = BitMap(), BitMap()
    for gss in index.authorities:
        least = origin.band(gss).least
        if least < within:
            met |= index.having("authority", gss)
        elif further is None or least < further:
            partly |= index.having("authority", gss)
    return _of(index, met, partly if further else NONE, index.everything)


def _of_keeping_away(index: HomeIndex, origin: Origin) -> Judged:
    """Not met in an authority that the place lies in, in part in those that border on it."""
    there = avoided(origin)
    unmet = _said(index.having("authority", gss) for gss in there)
    partly = _said(index.having("authority", gss) for gss in beside(there))
    return _of(index, index.everything - unmet - partly, partly, index.everything)


def _origin(one: Criterion) -> Origin:
    origin = read_origin(one.value)
    if origin is None:
        raise ValueError("the criteria were not checked")
    return origin
