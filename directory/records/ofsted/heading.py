"""Where the list's columns are, recognised by what the headings say.

Ofsted puts banner rows above the headings, line breaks into them and empty columns behind them, and
changes capitals and hyphens from year to year. A column that is renamed gets one more heading here;
the first row that holds enough of these headings is the header, wherever it stands.
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from directory.records.ofsted.errors import UnreadableList

# Each field of a registration, and the headings that Ofsted has given it since 2015: the newest
# first. Where two of them stand in one list, the first counts.
HEADINGS: dict[str, tuple[str, ...]] = {
    "urn": ("URN", "Unique reference number", "Provider URN"),
    "provision_type": ("Provision type", "Provider type"),
    "registered_on": ("Registration date", "Date of registration"),
    "status": ("Registration status", "Provider status"),
    "name": ("Name", "Provider name", "Setting name"),
    "region": ("Government Office Region", "Region"),
    "authority_as_written": (
        *("Local authority", "Local authority name", "Setting local authority"),
        "Provider local authority",
    ),
    "sector": ("Sector", "Provider sector"),
    "places": (
        *("Places", "Number of places", "Registered places", "Number of registered places"),
        *("Max users", "Maximum users", "Maximum number of users", "Capacity"),
    ),
    "short_breaks_only": ("Short-break-only children's home", "Short breaks only"),
    "multi_building": ("Multi-building children's home", "Multi building CH"),
    "owner": (
        *("Organisation which owns the provider", "Organisation name", "Owner name"),
        *("Registered provider", "Registered provider name"),
    ),
    "event_type": (
        *("Latest full inspection event type", "Event type", "Inspection event type"),
        *("Inspection type", "Type of inspection"),
    ),
    "inspected_on": (
        *("Latest full inspection date", "Latest full inspection start date", "Inspection date"),
        *("Date of last full inspection", "Date of inspection", "Inspection start date"),
    ),
    "published_on": (
        *("Latest full inspection publication date", "Publication date"),
        *("Inspection publication date", "Date of publication"),
    ),
    "event_number": (
        *("Latest full inspection event number", "Event number", "Inspection event number"),
        *("Inspection number",),
    ),
    "overall": (
        "Overall experiences and progress of children and young people",
        "Overall experiences and progress of children and young people living in the home",
        *("Overall effectiveness", "Latest overall effectiveness", "Overall judgement"),
        *("Overall effectiveness judgement", "Overall quality rating"),
    ),
    "education": ("Outcomes in education and related learning activities",),
    "health": ("Health services",),
    "protection": (
        "How well children and young people are helped and protected",
        *("Safeguarding children and young people", "Safeguarding"),
    ),
    "leadership": (
        *("The effectiveness of leaders and managers", "Leadership and management"),
        "The impact and effectiveness of leaders and managers",
    ),
}
# Only the list that authorities alone receive has these, or two of them.
_UNREDACTED = frozenset(
    {
        *("provider address line 1", "provider postcode", "provider telephone number"),
        *("provider email address", "placement code", "owner address line 1", "owner postcode"),
    }
)
_CLOSED = frozenset({"date closed", "closed date", "closure date", "deregistration date"})
_ADDRESS = frozenset({"address 1", "address 2", "town", "county", "postcode"})
# Without these a row says too little of a home. What else a list leaves out stays as it is known.
NEEDED = ("urn", "provision_type", "authority_as_written", "sector", "places")
_FEWEST_UNREDACTED = 2
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
_DAY = re.compile(
    r"(?<![0-9])([0-9]{1,2})(?:st|nd|rd|th)?[ _.-]+([a-z]{3,9})[ _.,-]+([0-9]{4})(?![0-9])"
    r"|(?<![0-9])([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])",
    re.IGNORECASE,
)
_MONTH = re.compile(r"(?<![a-z])([a-z]{3,9})[ _-]+([0-9]{4})(?![0-9])", re.IGNORECASE)
_AS_AT = re.compile(r"\bas at ", re.IGNORECASE)
_YEARS = range(2000, 2101)


@dataclass(frozen=True, slots=True)
class Heading:
    """The header of a list: `titles` as a person sees them, `columns` by field, from 0."""

    titles: tuple[str, ...]
    columns: dict[str, int]

    @property
    def is_unredacted(self) -> bool:
        """Whether the list has columns for addresses that Ofsted never publishes."""
        return len(_UNREDACTED & {title.casefold() for title in self.titles}) >= _FEWEST_UNREDACTED

    @property
    def is_of_closed(self) -> bool:
        """Whether the list has a column for the day on which a provider closed."""
        return not _CLOSED.isdisjoint(title.casefold() for title in self.titles)

    def widened(self, columns: int) -> "Heading":
        """The same with empty titles up to so many columns."""
        return replace(self, titles=self.titles + ("",) * (columns - len(self.titles)))

    @property
    def addresses(self) -> tuple[int, ...]:
        """The columns in which the published list has REDACTED for every children's home."""
        return tuple(
            place for place, title in enumerate(self.titles) if title.casefold() in _ADDRESS
        )

    @property
    def silent(self) -> frozenset[str]:
        """The fields for which this list has no column, so that it says nothing about them."""
        return frozenset(HEADINGS.keys() - self.columns.keys())


def recognise(cells: list[str], above: list[str]) -> Heading | None:
    """The header, if these cells are it; None for any other row. `above` is the row before, which
    in some years says what a group of columns is about.

    Raises UnreadableList when they are the header but a column is missing, or stands there twice.
    """
    titles = tuple(" ".join(cell.split()) for cell in cells)
    plain = [_plain(title) for title in titles]
    found: dict[str, int] = {}
    twice: list[str] = []
    for field, headings in HEADINGS.items():
        for heading in headings:
            places = [place for place, title in enumerate(plain) if title == _plain(heading)]
            latest = places if len(places) < 2 else _of_the_latest(places, above)
            if len(latest) > 1:
                twice.append(heading)
            if latest:
                found[field] = latest[0]
                break
    if len(found) < _FEWEST:
        return None
    if twice:
        raise UnreadableList(
            f"The header has more than one column called {listed(twice)}, so it is not clear "
            "which one counts. Take out the column that was added and import again."
        )
    if missing := [HEADINGS[field][0] for field in NEEDED if field not in found]:
        raise UnreadableList(
            f"The header has no column called {listed(missing)}. Import the provider-level list "
            "as Ofsted published it; if Ofsted has renamed the column, this software must learn "
            "the new heading first."
        )
    return Heading(titles, found)


def _of_the_latest(places: list[int], above: list[str]) -> list[int]:
    """Those that stand in a group called "Latest full inspection" or so, not "Previous"."""
    groups: list[str] = []
    for cell in above:
        groups.append(cell.casefold() if cell.strip() or not groups else groups[-1])
    of_latest = [place for place in places if place < len(groups) and "latest" in groups[place]]
    return of_latest or places


def day_of_list(banner: Iterable[str], names: Iterable[str] = ()) -> date | None:
    """The day on which the list was true: from "as at 31 March 2025" above the header, else from
    `names`, of the sheet and of the file, such as "Provider_level_at_31_Mar_2022". A month alone
    means its last day.
    """
    for text in banner:
        for after in _AS_AT.split(text)[1:]:
            if (match := _DAY.match(after)) and (day := _day(match)):
                return day
    for text in names:
        for match in _DAY.finditer(text):
            if day := _day(match):
                return day
        for match in _MONTH.finditer(text):
            if (month := _month(match[1])) and int(match[2]) in _YEARS:
                year = int(match[2])
                return date(year, month, monthrange(year, month)[1])
    return None


def _day(match: re.Match[str]) -> date | None:
    if match[1]:
        day, month, year = int(match[1]), _month(match[2]), int(match[3])
    else:
        day, month, year = int(match[6]), int(match[5]), int(match[4])
    try:
        return date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def _month(word: str) -> int:
    """The number of a month by its name or the first three letters or more of it; 0 for none."""
    for number, month in enumerate(_MONTHS, start=1):
        if month.startswith(word.casefold()):
            return number
    return 0


def _plain(title: str) -> str:
    title = re.sub(r"['’‘]", "", title.casefold())
    return " ".join(re.sub(r"[-‐‑–_]", " ", title).split())


def listed(names: Iterable[str]) -> str:
    """The names in quotation marks, for a sentence."""
    return ", ".join(f"“{name}”" for name in names)
