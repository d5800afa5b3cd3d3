"""Homes that changed where children live, in words: what changed, and how many it concerns."""

from collections.abc import Sequence
from dataclasses import dataclass

from directory.alerts.changed import ChangedHome
from directory.alerts.living import Living, Side
from directory.alerts.topics import Topic
from directory.choosing.changes.presenters import ChangeLine, lines
from directory.web.wording import counted

TOPICS: dict[Topic, tuple[str, str]] = {
    Topic.LIVED_IN: (
        "A home changed, and children live there",
        "Children whom your authority placed, or of whom it was told as the authority of the area.",
    ),
    Topic.SHORTLISTS: ("A home on a shortlist changed", "On those of your authority."),
    Topic.SEARCHES: ("A saved search finds something else", "On those that you keep."),
    Topic.CHANGES: (
        "A list has changed homes",
        "New, changed and closed homes after an import, until somebody of your authority has seen "
        "them.",
    ),
    Topic.WANTED: (
        "An authority that you follow says anew what it wants",
        "Position statement, frameworks, calendar, contacts or demand.",
    ),
    Topic.REMINDERS: (
        "Something is due",
        "Reviews of statements of purpose, the 28 days to send a revision to Ofsted, what expires "
        "of due diligence, and vacancies that are out of date.",
    ),
}
"""What each topic is called where somebody chooses it, and what is meant."""
_WHO: dict[Side, str] = {
    "placing": "whom your authority placed",
    "area": "of whom your authority was told",
}


@dataclass(frozen=True, slots=True)
class Card:
    """A home on the page: how many it concerns, and its changes, the newest first."""

    urn: str
    title: str
    concerns: str
    changes: Sequence[ChangeLine]


def cards(found: Sequence[ChangedHome], side: Side) -> list[Card]:
    """Each home as the page shows it."""
    told = [(one, lines(one.changes)) for one in found]
    return [
        Card(one.urn, changes[0].title, _concerns(one.living, side), changes)
        for one, changes in told
    ]


def _concerns(living: Living, side: Side) -> str:
    here, coming = len(living.here), len(living.coming)
    said = f"{_children(here)} {_WHO[side]} {'lives' if here == 1 else 'live'} here"
    if not here:
        return f"{_children(coming)} {_WHO[side]} will live here."
    return f"{said}, and {coming:,} will." if coming else f"{said}."


def _children(count: int) -> str:
    return counted(count, "child", "children")
