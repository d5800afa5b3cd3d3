"""When what a home says and what a placing authority says are of the same child. Pure.

Certain: the same authority, day of birth, name but for its spelling (case, accents, hyphens, order)
and home, with starts no more than three days apart. Probable: what differs is little enough that a
person should look: a name that is nearly the same, days of birth with one slip of the pen or one of
them not known, starts within five weeks, another home or none given.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

from rapidfuzz.fuzz import ratio, token_sort_ratio

from directory.country.authorities.former import standing_today

Match: TypeAlias = Literal["certain", "probable"]
_NEAR, _FAR = 3, 35
_SAME_NAME = 78


@dataclass(frozen=True, slots=True)
class Said:
    """What either side says, as far as it is compared. `urn` and `born_on` are None where none is
    given: what came by telephone often says no more than a name.
    """

    placing_authority: str
    given_name: str
    family_name: str
    born_on: date | None
    starts_on: date
    urn: str | None


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two are, and in what they differ, in words that name nobody."""

    match: Match
    score: int
    differs: tuple[str, ...] = ()


def compare(home: Said, placing: Said) -> Likeness | None:
    """How alike what a home says and a notice are; None where they are of two children."""
    if standing_today(home.placing_authority) != standing_today(placing.placing_authority):
        return None
    apart = abs((home.starts_on - placing.starts_on).days)
    if apart > _FAR:
        return None
    names, births = _names(home, placing), _births(home.born_on, placing.born_on)
    if not names or not births or (names < 100 and births < 100):
        return None
    differs = [
        *(["name"] if names < 100 else []),
        *(["day of birth"] if births < 100 else []),
        *(["start"] if apart > _NEAR else []),
        *(["home"] if home.urn != placing.urn else []),
    ]
    score = names + births - apart - 20 * (home.urn != placing.urn)
    return Likeness("probable" if differs else "certain", score, tuple(differs))


def _names(home: Said, placing: Said) -> int:
    """0 to 100; 0 is another name."""
    mine = f"{plain(home.given_name)} {plain(home.family_name)}"
    theirs = f"{plain(placing.given_name)} {plain(placing.family_name)}"
    if sorted(mine.split()) == sorted(theirs.split()):
        return 100
    # Twins share family name and birthday: the given names must be alike by themselves.
    given = max(
        ratio(plain(home.given_name), plain(placing.given_name)),
        ratio(plain(home.given_name), plain(placing.family_name)),
    )
    alike = round(token_sort_ratio(mine, theirs))
    return min(alike, 99) if alike >= _SAME_NAME and given >= _SAME_NAME - 20 else 0


def _births(one: date | None, other: date | None) -> int:
    """0 to 100: the same day; day and month in each other's place, or one digit another; one not
    known.
    """
    if one is None or other is None:
        return 60
    if one == other:
        return 100
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return 90
    slips = sum(a != b for a, b in zip(f"{one:%Y%m%d}", f"{other:%Y%m%d}", strict=True))
    return 85 if slips == 1 else 0


def plain(name: str) -> str:
    """A name without case, accents and what stands between its letters, word by word."""
    bare = "".join(
        one for one in unicodedata.normalize("NFKD", name) if not unicodedata.combining(one)
    )
    return " ".join(re.findall(r"[^\W_]+", bare.replace("’", "").replace("'", "").casefold()))
