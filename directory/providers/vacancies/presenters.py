"""Vacancies as pages show them: never without how old they are."""

from dataclasses import dataclass
from datetime import date

from directory.country.authorities.service import authority_name
from directory.homes.facts import Fact
from directory.homes.labels import day
from directory.homes.service import FoundHome
from directory.providers.vacancies.board import Board
from directory.providers.vacancies.rules import is_stale, may_say
from directory.providers.vacancies.saying import OwnVacancy
from directory.providers.vacancies.schemas import SEXES
from directory.web.wording import counted
from protocols.vacancies import Vacancy

ASK = "Ask the provider"
NOT_SAID = "Not said: ask the provider"
_DAYS_AGO = {0: "today", 1: "yesterday"}


def fact(found: FoundHome, board: Board) -> Fact:
    """What a commissioner reads of a home's vacancies."""
    if not may_say(found.record.places):
        return Fact("Vacancies", ASK)
    vacancy = board.said.get(found.record.urn)
    if vacancy is None:
        return Fact("Vacancies", NOT_SAID)
    return Fact("Vacancies", in_words(vacancy), note=age(vacancy, board.today, board.days))


def in_words(vacancy: Vacancy) -> str:
    """Such as "2 beds from 3 March 2026, girls, 10 to 14 years, also in an emergency"."""
    if not vacancy.beds:
        return "None"
    when = f"from {day(vacancy.free_from)}" if vacancy.free_from else "now"
    whom = [SEXES[vacancy.sex].lower()] if vacancy.sex else []
    if vacancy.youngest is not None or vacancy.oldest is not None:
        whom.append(_ages(vacancy.youngest, vacancy.oldest))
    if vacancy.emergency:
        whom.append("also in an emergency")
    return ", ".join((f"{counted(vacancy.beds, 'bed')} {when}", *whom))


def age(vacancy: Vacancy, today: date, days: int) -> str:
    """How old it is, and what that means where vacancies count for so many days."""
    old = max(0, (today - vacancy.said_on).days)
    said = f"Said {_DAYS_AGO.get(old, f'{old} days ago')}"
    if is_stale(vacancy, today, days):
        return f"{said}: out of date, ask the provider."
    return f"{said}."


def _ages(youngest: int | None, oldest: int | None) -> str:
    if youngest is None:
        return f"up to {oldest} years"
    if oldest is None:
        return f"from {youngest} years"
    return f"{youngest} years" if youngest == oldest else f"{youngest} to {oldest} years"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the provider's form."""

    urn: str
    title: str
    area: str
    places: int | None
    is_asked: bool
    said: str
    is_stale: bool


def line(own: OwnVacancy, today: date, days: int) -> Line:
    """A home of the provider's, where vacancies count for so many days."""
    return Line(
        urn=own.home.urn,
        title=(own.known.name if own.known else None) or own.home.urn,
        area=authority_name(own.home.authority),
        places=own.known.places if own.known else None,
        is_asked=own.is_asked,
        said=age(own.said, today, days) if own.said else "",
        is_stale=own.said is not None and is_stale(own.said, today, days),
    )
