"""What a home's records say to a criterion, from which record, and how old that is."""

from dataclasses import dataclass
from datetime import date

from directory.choosing.matching.criteria import Criterion
from directory.country.codes.service import label
from directory.homes import labels
from directory.homes.nearness import read_origin
from directory.homes.query import NOT_INSPECTED
from directory.homes.said import Said
from directory.homes.service import FoundHome
from protocols.kinds import Source

_NOTHING = "Nothing is said of it."
_ANSWERED = {"yes": "Yes", "partly": "In part", "no": "No"}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is said, and where: the record, and its age in words."""

    said: str
    record: str


def called(one: Criterion) -> str:
    """A criterion in words: "Autism", "A child of 12", "Within 50 miles of Leeds"."""
    match one.kind:
        case "code":
            return label(one.value)
        case "age":
            return f"A child of {one.value}"
        case "sex":
            return {"girls": "A girl", "boys": "A boy"}[one.value]
        case "near":
            return f"Within {one.within} miles of {_place(one)}"
        case "away":
            return f"Away from {_place(one)}"
        case "judgement":
            return f"Judged {one.value} or better"
        case "places":
            return f"{one.value} places at most"


def evidence(one: Criterion, found: FoundHome, today: date) -> Evidence:
    """Why a home's outcome for a criterion is what it is."""
    home = found.record
    register = _record("the record of the home", home.source, today)
    match one.kind:
        case "code" | "age" | "sex":
            return _of_profile(one, found, today)
        case "near" | "away":
            return Evidence(_far(one, found), register)
        case "judgement":
            judged = home.judgement
            if judged is None:
                return Evidence(NOT_INSPECTED, register)
            day = labels.day(judged.inspected_on)
            return Evidence(f"{judged.overall}, inspected on {day}", register)
        case "places":
            places = labels.PLACES_UNKNOWN if home.places is None else f"{home.places} places"
            return Evidence(places, register)


def _of_profile(one: Criterion, found: FoundHome, today: date) -> Evidence:
    said = found.said
    if said is None:
        return Evidence(labels.NOT_DESCRIBED, "")
    which = "its profile" if said.record == "profile" else "the record of the home"
    return Evidence(_answer(one, said), _record(which, said.source, today))


def _answer(one: Criterion, said: Said) -> str:
    if one.kind == "code":
        answer = said.answers.get(one.value)
        return _ANSWERED[answer.met] if answer else _NOTHING
    missing = said.youngest is None if one.kind == "age" else said.sex is None
    return _NOTHING if missing else labels.who_lives_there(said)


def _far(one: Criterion, found: FoundHome) -> str:
    origin = read_origin(one.value)
    far = f", {origin.band(found.record.authority)} away" if origin else ""
    return f"In {found.authority_name}{far}"


def _place(one: Criterion) -> str:
    origin = read_origin(one.value)
    return origin.name if origin else one.value


def _record(which: str, source: Source, today: date) -> str:
    return f"From {which}, as at {labels.day(source.as_at)}, {labels.ago(source.as_at, today)}"
