"""Which notice tells of which placement of a child: by home, area and days, and of one alone.

A notice is sent before the placement, so its first day may be some days off; where both name a home
it must be the same; and of a placement older than its return only the end bounds the days.
"""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from directory.country.ssda903.placements import Placed
from directory.placing.reconciling.told import Told

EARLY = timedelta(days=14)
"""By how much the day in a notice may lie before the one in the return."""


def matched(
    placements: Mapping[int, Placed], areas: Mapping[int, str | None], told: Sequence[Told]
) -> dict[int, Told]:
    """The notice of each placement of one child that has one, by its number in `placements`. An
    area that is not known fits any.
    """
    pairs = [
        (_distance(placed, notice), number, place)
        for number, placed in placements.items()
        for place, notice in enumerate(told)
        if areas[number] in (None, notice.area) and fits(placed, notice)
    ]
    found: dict[int, Told] = {}
    taken: set[int] = set()
    for _, number, place in sorted(pairs):
        if number not in found and place not in taken:
            found[number] = told[place]
            taken.add(place)
    return found


def fits(placed: Placed, notice: Told) -> bool:
    """Whether a notice can be of a placement, whomever it told."""
    urn = placed.now.urn
    if urn and notice.urn and urn != notice.urn:
        return False
    begins = date.min if placed.began_before else placed.began - EARLY
    return begins <= notice.starts_on <= (placed.ended or date.max)


def _distance(placed: Placed, notice: Told) -> tuple[bool, int, bool]:
    """How far a notice is from saying the same: the least first. Of two that say the same, as when
    an authority merged before it took the first, the one that was answered.
    """
    days = abs((placed.began - notice.starts_on).days)
    same_home = placed.now.urn is not None and placed.now.urn == notice.urn
    return not same_home, days, not notice.acknowledged
