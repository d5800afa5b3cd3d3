"""A return as somebody brings it, read to its end into memory: its placements, and what is wrong.

The bytes are read where they lie and kept nowhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import IO

from directory.country.ssda903.codes import YEARS
from directory.country.ssda903.episodes import Episode, read_episodes
from directory.country.ssda903.errors import Fault
from directory.country.ssda903.header import read_header
from directory.country.ssda903.placements import Placed, placements_of

MOST_FAULTS = 1_000
"""As many faults are kept; the others are counted."""


@dataclass(frozen=True, slots=True)
class Return:
    """`born` is by the authority's own identifier, None where no Header was given. `year` is that
    of the collection, as somebody said or by the latest day in it; None where it has no episode.
    """

    episodes: int
    placements: tuple[Placed, ...]
    born: dict[str, date] | None
    year: int | None
    faults: tuple[Fault, ...]
    faulty: int


def read_return(
    episodes: IO[bytes], header: IO[bytes] | None = None, year: int | None = None
) -> Return:
    """Read the tables Episodes and Header. Raises NotATable, OtherTable or TooLarge."""
    faults: list[Fault] = []
    faulty = 0
    found: list[Episode] = []
    for one in read_episodes(episodes, year):
        if isinstance(one, Episode):
            found.append(one)
        else:
            faulty += 1
            if len(faults) < MOST_FAULTS:
                faults.append(one)
    born: dict[str, date] | None = None
    if header is not None:
        born = {}
        for child in read_header(header, year):
            if isinstance(child, Fault):
                faulty += 1
                if len(faults) < MOST_FAULTS:
                    faults.append(child)
            else:
                born[child.identifier] = child.born_on
    return Return(
        len(found),
        tuple(placements_of(found)),
        born,
        year or year_of(found),
        tuple(faults),
        faulty,
    )


def year_of(episodes: Iterable[Episode]) -> int | None:
    """The year in which a return was collected, by the latest day in it: one year's return ends on
    31 March.
    """
    latest = max((one.ended or one.began for one in episodes), default=None)
    if latest is None:
        return None
    year = latest.year + ((latest.month, latest.day) > (3, 31))
    return min(max(year, YEARS[0]), YEARS[-1])
