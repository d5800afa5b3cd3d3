"""What was found, in words and by what is to be done first."""

from collections.abc import Sequence
from dataclasses import dataclass

from directory.placing.reconciling.findings import Item, Line
from directory.placing.reconciling.service import Reconciled

MOST_SHOWN = 500
"""Rows of each part: the command line gives all."""


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of finding: its heading, what to do, the first of its rows, and how many there are."""

    id: str
    heading: str
    said: str
    items: Sequence[Item | Line]
    total: int


def parts(found: Reconciled) -> list[Part]:
    """The kinds of finding of which there are some, the most urgent first."""
    every: tuple[tuple[str, str, str, Sequence[Item | Line]], ...] = (
        (
            "missing",
            "No notice",
            "They live in another authority’s area, and it was not told. Send a notice of each.",
            found.missing,
        ),
        (
            "never-acknowledged",
            "Never acknowledged",
            "A notice was sent, and nobody there has said whom to call. Ask the area authority.",
            found.never_acknowledged,
        ),
        (
            "ended-not-told",
            "Ended, and not told",
            "The area authority still counts these children among those who live there.",
            found.ended_not_told,
        ),
        (
            "area-unknown",
            "In whose area is not known",
            "Neither postcode, authority nor home tells where. Look each up.",
            found.area_unknown,
        ),
        (
            "ended-no-notice",
            "Ended, and never told of",
            "Nobody was told while these went on.",
            found.ended_no_notice,
        ),
        ("exempt", "Exempt", "Of these nobody has to be told.", found.exempt),
    )
    return [
        Part(name, heading, said, items[:MOST_SHOWN], len(items))
        for name, heading, said, items in every
        if items
    ]


def rows(item: Item | Line) -> str:
    """Such as "12" or "12 and 2 more"."""
    more = len(item.rows) - 1 if isinstance(item, Item) else 0
    return f"{item.row} and {more} more" if more else str(item.row)
