"""What a cell says, as a value: days as people write them, and nothing guessed."""

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00)?)?")
_BRITISH = re.compile(
    r"([0-9]{1,2})[./ -]([0-9]{1,2}|[A-Za-z]{3,9})[./ -]([0-9]{4})(?: 00:00(?::00)?)?"
)


def read_day(text: str) -> date | None:
    """A day: 2026-12-04, 4/12/2026, 4.12.2026 or 4 December 2026, the day before the month; None
    for anything else.
    """
    if iso := _ISO.fullmatch(text.strip()):
        year, month, day = iso.groups()
    elif british := _BRITISH.fullmatch(text.strip()):
        day, month, year = british.groups()
    else:
        return None
    name = month[:3].lower()
    number = int(month) if month.isdigit() else _MONTHS.index(name) + 1 if name in _MONTHS else 0
    try:
        return date(int(year), number, int(day))
    except ValueError:
        return None
