"""Where the list's columns are, recognised by what the headings say.

Ofsted puts banner rows above the headings, line breaks into them and empty columns behind them, and
changes capitals and hyphens from year to year. A column that is renamed gets one more heading here;
the row that holds most of these headings is the header, wherever it stands.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from directory.ofsted.errors import UnreadableList

# Each field of a registration, and the headings that Ofsted has given it (2024, 2025).
HEADINGS: dict[str, tuple[str, ...]] = {
    "urn": ("URN",),
    "provision_type": ("Provision type",),
    "registered_on": ("Registration date",),
    "status": ("Registration status",),
    "name": ("Name",),
    "region": ("Government Office Region",),
    "authority_as_written": ("Local authority",),
    "sector": ("Sector",),
    "places": ("Places",),
    "short_breaks_only": ("Short-break-only children's home",),
    "multi_building": ("Multi-building children's home",),
    "owner": ("Organisation which owns the provider",),
    "event_type": ("Latest full inspection event type",),
    "inspected_on": ("Latest full inspection date",),
    "published_on": ("Latest full inspection publication date",),
    "event_number": ("Latest full inspection event number",),
    "overall": ("Overall experiences and progress of children and young people",),
    "education": ("Outcomes in education and related learning activities",),
    "health": ("Health services",),
    "protection": ("How well children and young people are helped and protected",),
    "leadership": ("The effectiveness of leaders and managers",),
}
_FEWEST = 5  # headings by which a row is taken for the header
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_AS_AT = re.compile(r"\bas at (\d{1,2}) ([a-z]+) (\d{4})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Heading:
    """The header of a list: `titles` as a person sees them, `columns` by field, from 0."""

    titles: tuple[str, ...]
    columns: dict[str, int]


def recognise(cells: list[str]) -> Heading | None:
    """The header, if these cells are it; None for any other row.

    Raises UnreadableList when they are the header but a column is missing, or stands there twice.
    """
    titles = tuple(" ".join(cell.split()) for cell in cells)
    plain = [_plain(title) for title in titles]
    known = {_plain(heading): field for field, names in HEADINGS.items() for heading in names}
    found = Counter(known[title] for title in plain if title in known)
    if len(found) < _FEWEST:
        return None
    if twice := [HEADINGS[field][0] for field, times in found.items() if times > 1]:
        raise UnreadableList(
            f"The header has more than one column called {_listed(twice)}, so it is not clear "
            "which one counts. Take out the column that was added and import again."
        )
    if missing := [names[0] for field, names in HEADINGS.items() if field not in found]:
        raise UnreadableList(
            f"The header has no column called {_listed(missing)}. Import the provider-level list "
            "as Ofsted published it; if Ofsted has renamed the column, this software must learn "
            "the new heading first."
        )
    columns = {known[title]: place for place, title in enumerate(plain) if title in known}
    return Heading(titles, columns)


def day_of_list(banner: Iterable[str]) -> date | None:
    """The day on which the list was true, from "as at 31 March 2025" above the header."""
    for text in banner:
        for day, month, year in _AS_AT.findall(text):
            if month.casefold() in _MONTHS:
                try:
                    return date(int(year), _MONTHS.index(month.casefold()) + 1, int(day))
                except ValueError:
                    continue
    return None


def _plain(title: str) -> str:
    title = re.sub(r"['’‘]", "", title.casefold())
    return " ".join(re.sub(r"[-‐‑–_]", " ", title).split())


def _listed(names: list[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
