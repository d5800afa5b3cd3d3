"""What somebody types to find a child: parts of a name or identifier, and a date of birth.

At night a name comes by telephone: accents, capitals, apostrophes and hyphens do not count.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from directory.hosting.register.errors import NothingToFind

LONGEST = 120
_SHORTEST_PART = 2
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = re.compile(
    r"(?P<year>[0-9]{4})-(?P<month>[0-9]{1,2})-(?P<day>[0-9]{1,2})"
    r"|(?P<day2>[0-9]{1,2})(?:st|nd|rd|th)?[ ./-]"
    r"(?P<month2>[0-9]{1,2}|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)"
    r"[ ./-](?P<year2>[0-9]{4})",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for: each part has to be found, and the date of birth, if there is one."""

    parts: tuple[str, ...]
    born_on: date | None

    def fits(self, names: str, identifier: str | None, born_on: date | None) -> bool:
        """Whether a child of these names may be meant."""
        if self.born_on and self.born_on != born_on:
            return False
        known = f"{plain(names)} {plain(identifier or '')}"
        squeezed = known.replace(" ", "")
        return all(part in known or part in squeezed for part in self.parts)


def read_sought(typed: str) -> Sought:
    """What somebody looks for. Raises NothingToFind where it would be everybody."""
    found = _DATE.search(typed)
    born_on = _day(found) if found else None
    rest = typed[: found.start()] + " " + typed[found.end() :] if found and born_on else typed
    parts = tuple(plain(rest).split())
    if len(typed) > LONGEST or (not born_on and max(map(len, parts), default=0) < _SHORTEST_PART):
        raise NothingToFind(
            "Enter two letters or more of a name, a date of birth like 9 4 2012, or an identifier"
        )
    return Sought(parts, born_on)


def plain(text: str) -> str:
    """A text as it is compared: letters and figures alone, without accents, in small letters."""
    bare = "".join(
        one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one)
    )
    return " ".join(re.sub(r"[^\w\s]|_", "", bare).casefold().split())


def _day(found: re.Match[str]) -> date | None:
    year, month, day = (found[one] or found[f"{one}2"] for one in ("year", "month", "day"))
    number = int(month) if month.isdigit() else _MONTHS.index(month[:3].lower()) + 1
    try:
        return date(int(year), number, int(day))
    except ValueError:
        return None
