"""What the codes in records are called on a page, and what is said where nothing is known.

Nothing known is never written so that it could be read as "no" or "none".
"""

from datetime import date, datetime
from functools import lru_cache

from directory.country.codes.service import needs
from directory.homes.said import Said
from protocols.kinds import Sex
from protocols.profiles import Met
from protocols.records import Sector

NAME_UNKNOWN = "Name not published"
PROVIDER_UNKNOWN = "Not known"
PLACES_UNKNOWN = "Not known"
NOT_DESCRIBED = "Not yet described by the provider"
NOT_DESCRIBED_MEANS = (
    "The provider has not yet said which needs this home meets. That does not mean that it "
    "cannot meet them: ask the provider."
)
NOT_GIVEN = "Not given"
NOT_SAID = "Nothing said"

SECTORS: dict[Sector, str] = {
    "Private": "Private",
    "Local Authority": "Local authority",
    "Voluntary": "Voluntary",
    "Health Authority": "Health authority",
    "Academy": "Academy",
}

ENDINGS = {"publish": "Replaced", "retire": "Retired", "erase": "Erased"}
"""What became of a version, by the operation of the entry that ended it."""

_PARTLY: dict[Met, str] = {"yes": "", "partly": " (in part)", "no": ""}
_SEXES: dict[Sex, str] = {"girls": "Girls", "boys": "Boys", "any": "Girls and boys"}


def needs_of(said: Said) -> list[str]:
    """Labels of the needs that are met, wholly or in part, in the order of the list."""
    return [
        text + _PARTLY[said.answers[code].met] for code, text in needs().items() if _met(said, code)
    ]


def who_lives_there(said: Said) -> str:
    """Such as "Girls, 10 to 16 years"; what is not said is not known."""
    sex = _SEXES[said.sex] if said.sex else "Girls or boys is not said"
    if said.youngest is None:
        return f"{sex}, ages not said"
    ages = (
        f"{said.youngest}" if said.youngest == said.oldest else f"{said.youngest} to {said.oldest}"
    )
    return f"{sex}, {ages} years"


def _met(said: Said, code: str) -> bool:
    return code in said.answers and said.answers[code].met != "no"


def ago(when: date, today: date) -> str:
    """How long ago that was: "12 days ago", "5 months ago", "3 years ago"."""
    days = (today - when).days
    if days <= 0:
        return "today"
    for length, name in ((730, "year"), (61, "month")):
        if days >= length:
            return f"{days // (365 if name == 'year' else 30)} {name}s ago"
    return f"{days} day{'' if days == 1 else 's'} ago"


@lru_cache(maxsize=4096)
def day(when: date) -> str:
    """Such as "3 March 2026"."""
    return f"{when.day} {when:%B %Y}"


def moment(when: datetime) -> str:
    """Such as "3 March 2026, 14:05 UTC". The time has to be in UTC, as every stored time is."""
    return f"{day(when)}, {when:%H:%M} UTC"
