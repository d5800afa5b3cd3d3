"""What one child needs, as criteria without identity. They are kept nowhere: who asks says them
anew each time, in the body of the request.

The kinds follow the referral schedule of the South West sufficiency project (ERD v1.1): needs,
risks and provision by the code list, the child's age and sex, places to be near and to keep away
from, how many others live there, and how Ofsted judges the home.
"""

from collections.abc import Sequence
from typing import Annotated, ClassVar, Literal, TypeAlias, get_args

from msgspec import Meta, Struct

from directory.choosing.matching.errors import NoSuchCriterion
from directory.country.codes.service import known
from directory.homes.nearness import read_origin
from protocols.kinds import Line
from protocols.publication import Publication
from protocols.records import Grade

Kind: TypeAlias = Literal["code", "age", "sex", "near", "away", "judgement", "places"]
Importance: TypeAlias = Literal["essential", "high", "medium", "low"]
Miles: TypeAlias = Literal[20, 50, 100, 200]
"""The edges of the bands in which distances are told."""
WEIGHTS: dict[Importance, int] = {"high": 3, "medium": 2, "low": 1}
"""How much a desirable criterion counts. One that is essential excludes instead."""
WITHIN: tuple[Miles, ...] = get_args(Miles)
GRADES: tuple[Grade, ...] = get_args(Grade)
OLDEST, MOST_PLACES, MOST = 25, 500, 40


class Criterion(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that a child needs, and how much it matters.

    `value` is by kind: a code of the list; an age in years; girls or boys; a place to be near, or
    to keep away from (an authority, or the first half of a postcode); the least judgement; the most
    places. `within` is for `near` alone: miles.
    """

    publication: ClassVar = Publication.MEMBERS

    kind: Kind
    value: Line
    importance: Importance
    within: Miles = 20


Criteria: TypeAlias = Annotated[tuple[Criterion, ...], Meta(min_length=1, max_length=MOST)]


def check_criteria(criteria: Sequence[Criterion]) -> None:
    """Raise NoSuchCriterion for one that cannot be judged, or that stands there twice."""
    for one in criteria:
        if not _is_known(one):
            raise NoSuchCriterion(f"The value of a criterion of the kind {one.kind} is not known.")
    if len({(one.kind, one.value) for one in criteria}) < len(criteria):
        raise NoSuchCriterion("A criterion stands there twice.")


def _is_known(one: Criterion) -> bool:
    match one.kind:
        case "code":
            return one.value in known()
        case "age":
            return is_number(one.value, 0, OLDEST)
        case "places":
            return is_number(one.value, 1, MOST_PLACES)
        case "sex":
            return one.value in ("girls", "boys")
        case "judgement":
            return one.value in GRADES
        case "near" | "away":
            return read_origin(one.value) is not None


def is_number(text: str, least: int, most: int) -> bool:
    """Whether this is a whole number in digits, from `least` to `most`."""
    return text.isascii() and text.isdigit() and len(text) <= 4 and least <= int(text) <= most
