"""When a vacancy counts: the rules in one place."""

from datetime import date, timedelta

from protocols.charter import MAX_VACANCY_DAYS
from protocols.vacancies import Vacancy

FORGOTTEN_AFTER = timedelta(days=MAX_VACANCY_DAYS)
"""From then on it is no longer said."""
FEWEST_PLACES = 2
"""In a home with fewer, a vacancy tells of one child: there it is 'ask', and nothing is said."""
FARTHEST_AHEAD = timedelta(days=366)


def is_stale(vacancy: Vacancy, today: date, days: int) -> bool:
    """Whether it was said so many days ago, by the charter's rules, and is not to be relied on: it
    is shown as out of date, and found by no search.
    """
    return today - vacancy.said_on >= timedelta(days=days)


def may_say(places: int | None) -> bool:
    """Whether vacancies of a home are said at all, by its registered places (None: unknown)."""
    return places is not None and places >= FEWEST_PLACES


def fits(vacancy: Vacancy, places: int | None) -> bool:
    """Whether a home with so many registered places can have this vacancy."""
    return places is not None and may_say(places) and vacancy.beds <= places
