"""When a vacancy counts: the rules in one place."""

from datetime import date, timedelta

from protocols.vacancies import Vacancy

STALE_AFTER = timedelta(days=7)
"""From then on a vacancy that nobody has confirmed is shown as stale, and found by no search."""
FORGOTTEN_AFTER = timedelta(days=28)
"""From then on it is no longer said."""
FEWEST_PLACES = 2
"""In a home with fewer, a vacancy tells of one child: there it is 'ask', and nothing is said."""
FARTHEST_AHEAD = timedelta(days=366)


def is_stale(vacancy: Vacancy, today: date) -> bool:
    """Whether it was said too long ago to be relied on."""
    return today - vacancy.said_on >= STALE_AFTER


def may_say(places: int | None) -> bool:
    """Whether vacancies of a home are said at all, by its registered places (None: unknown)."""
    return places is not None and places >= FEWEST_PLACES


def fits(vacancy: Vacancy, places: int | None) -> bool:
    """Whether a home with so many registered places can have this vacancy."""
    return places is not None and may_say(places) and vacancy.beds <= places
