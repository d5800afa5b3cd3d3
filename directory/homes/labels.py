"""What the codes in records are called on a page, and what is said where nothing is known.

Nothing known is never written so that it could be read as "no" or "none".
"""

from datetime import date, datetime
from typing import get_args

from protocols.kinds import Sex
from protocols.records import Description, Need, Sector

NAME_UNKNOWN = "Name not published"
PROVIDER_UNKNOWN = "Not known"
PLACES_UNKNOWN = "Not known"
NOT_DESCRIBED = "Not yet described by the provider"
NOT_DESCRIBED_MEANS = (
    "The provider has not yet said which needs this home meets. That does not mean that it "
    "cannot meet them: ask the provider."
)
NOT_GIVEN = "Not given"

NEEDS: dict[Need, str] = {
    "mainstream": "Mainstream care",
    "emotional-behavioural": "Emotional and behavioural needs",
    "autism": "Autism",
    "learning-disability": "Learning disability",
    "physical-disability": "Physical disability",
    "complex-health": "Complex health needs",
    "mental-health": "Mental health",
    "self-harm": "Self-harm",
    "exploitation": "Exploitation",
    "harmful-sexual-behaviour": "Harmful sexual behaviour",
    "substance-misuse": "Substance misuse",
    "offending": "Offending",
    "missing": "Going missing",
    "asylum-seeking": "Unaccompanied asylum seeking",
    "young-parents": "Young parents",
    "solo-placement": "Solo placement",
    "deprivation-of-liberty": "Deprivation of liberty order",
}

SECTORS: dict[Sector, str] = {
    "Private": "Private",
    "Local Authority": "Local authority",
    "Voluntary": "Voluntary",
    "Health Authority": "Health authority",
    "Academy": "Academy",
}

ENDINGS = {"publish": "Replaced", "retire": "Retired", "erase": "Erased"}
"""What became of a version, by the operation of the entry that ended it."""

_SEXES: dict[Sex, str] = {"girls": "Girls", "boys": "Boys", "any": "Girls and boys"}


def needs_of(description: Description) -> list[str]:
    """Labels of the needs, in the order of the schema, so that homes can be compared."""
    return [NEEDS[need] for need in get_args(Need) if need in description.needs]


def who_lives_there(description: Description) -> str:
    """Such as "Girls, 10 to 16 years"."""
    youngest, oldest = description.youngest, description.oldest
    ages = f"{youngest}" if youngest == oldest else f"{youngest} to {oldest}"
    return f"{_SEXES[description.sex]}, {ages} years"


def day(when: date) -> str:
    """Such as "3 March 2026"."""
    return f"{when.day} {when:%B %Y}"


def moment(when: datetime) -> str:
    """Such as "3 March 2026, 14:05 UTC". The time has to be in UTC, as every stored time is."""
    return f"{day(when)}, {when:%H:%M} UTC"
