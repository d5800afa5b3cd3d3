"""The form of a match: each code with how much it matters, and what is no code.

It is posted, and its answer is the page: what one child needs stands in no address and no log.
"""

from collections.abc import Iterator, Mapping
from typing import cast

from directory.choosing.matching.criteria import (
    GRADES,
    MOST,
    MOST_PLACES,
    OLDEST,
    WITHIN,
    Criterion,
    Importance,
    Kind,
    is_number,
)
from directory.country.codes.service import code_list
from directory.homes.errors import NoSuchPlace
from directory.homes.nearness import find_origin, read_origin

IMPORTANCES: dict[str, str] = {
    "essential": "Essential",
    "high": "Desirable, high",
    "medium": "Desirable, medium",
    "low": "Desirable, low",
}
SEXES = {"girls": "A girl", "boys": "A boy"}
JUDGEMENTS = {grade: f"{grade} or better" for grade in GRADES[:3]}
MILES = {str(edge): f"Within {edge} miles" for edge in WITHIN}
PLACES = 3
"""How many places to be near, and how many to keep away from, the form has room for."""


def importance(name: str) -> str:
    """The name of the field that says how much a field matters."""
    return f"{name}-matters"


def of_code(code: str) -> str:
    """The name of the field in which a code's importance is chosen."""
    return f"code-{code}"


def numbered(kind: str) -> list[str]:
    """The names of the fields for places of a kind: near or away."""
    return [f"{kind}-{number}" for number in range(1, PLACES + 1)]


def within(name: str) -> str:
    """The name of the field for miles beside a place to be near."""
    return f"{name}-within"


def names() -> list[str]:
    """Every field, in the order of the form."""
    told = ["age", "sex", "judgement", "places"]
    near, away = numbered("near"), numbered("away")
    every = [field for name in (*told, *near, *away) for field in (name, importance(name))]
    return [*every, *map(within, near), *(of_code(one.code) for one in code_list().codes)]


def typed_in(given: Mapping[str, str]) -> dict[str, str]:
    """What was typed into each field, as it was."""
    return {name: given.get(name, "") for name in names()}


def read(typed: Mapping[str, str]) -> tuple[list[Criterion], dict[str, str]]:
    """The criteria that were typed, in the order of the form; and what to change, by field."""
    problems: dict[str, str] = {}
    found = [one for one in _criteria(typed, problems) if one]
    if not found and not problems:
        problems["age"] = "Say at least one thing that the child needs"
    if len(found) > MOST:
        problems["age"] = f"Choose {MOST} criteria or fewer"
    keys = {(one.kind, one.value) for one in found}
    if len(keys) < len(found) and not problems:
        problems["near-1"] = "A place stands there twice. Name each place once"
    return found, problems


def _criteria(typed: Mapping[str, str], problems: dict[str, str]) -> Iterator[Criterion | None]:
    whole = "must be a whole number from"
    checks: dict[Kind, tuple[bool, str]] = {
        "age": (is_number(typed["age"], 0, OLDEST), f"Age {whole} 0 to {OLDEST}"),
        "sex": (typed["sex"] in SEXES, "Choose girl or boy from the list"),
        "judgement": (typed["judgement"] in GRADES, "Choose a judgement from the list"),
        "places": (
            is_number(typed["places"], 1, MOST_PLACES),
            f"Places {whole} 1 to {MOST_PLACES}",
        ),
    }
    for kind, (known, wrong) in checks.items():
        name = str(kind)
        yield _one(typed, problems, name, kind, known, wrong)
    places: tuple[Kind, ...] = ("near", "away")
    for kind in places:
        for name in numbered(kind):
            wrong = _no_place(typed[name])
            yield _one(typed, problems, name, kind, not wrong, wrong)
    for one in code_list().codes:
        name = of_code(one.code)
        if typed[name] in IMPORTANCES:
            yield Criterion("code", one.code, cast(Importance, typed[name]))
        elif typed[name]:
            problems[name] = f"{one.label}: choose from the list"


def _one(
    typed: Mapping[str, str],
    problems: dict[str, str],
    name: str,
    kind: Kind,
    known: bool,
    wrong: str,
) -> Criterion | None:
    text = typed[name].strip()
    if not text:
        return None
    matters = typed[importance(name)] or "essential"
    if not known or matters not in IMPORTANCES:
        problems[name] = wrong if not known else "Choose how much it matters from the list"
        return None
    miles = next((edge for edge in WITHIN if str(edge) == typed.get(within(name))), WITHIN[0])
    if kind in ("near", "away"):
        origin = read_origin(text)
        text = origin.code if origin else text
    return Criterion(kind, text, cast(Importance, matters), miles)


def _no_place(typed: str) -> str:
    try:
        find_origin(typed)
    except NoSuchPlace as error:
        return str(error)
    return ""


def field_of(one: Criterion, typed: Mapping[str, str]) -> str:
    """The field that says how much a criterion matters."""
    if one.kind == "code":
        return of_code(one.value)
    if one.kind not in ("near", "away"):
        return importance(one.kind)
    for name in numbered(one.kind):
        origin = read_origin(typed[name])
        if origin and origin.code == one.value:
            return importance(name)
    raise ValueError("a criterion that was not typed")
