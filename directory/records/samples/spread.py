"""How often things occur among England's homes, and how to draw a few that look like the many.

Shares are from Ofsted's list of 31 March 2025 (4,009 homes, 15,742 places), rounded. Independent
draws would make twenty homes look like chance; systematic sampling keeps the shares at any number.
"""

from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate
from random import Random
from typing import Final, TypeVar

from protocols.records import Grade, Sector

Choice = TypeVar("Choice")

PLACES: Final[Mapping[int, float]] = {
    1: 8,
    2: 20,
    3: 25,
    4: 21,
    5: 11,
    6: 7,
    7: 2.5,
    8: 2.5,
    10: 1.5,
    12: 1.5,
}
SECTORS: Final[Mapping[Sector, float]] = {
    "Private": 83,
    "Local Authority": 12,
    "Voluntary": 4.5,
    "Health Authority": 0.5,
}
# None: not yet inspected, 15 in a hundred; the others divide what is left.
GRADES: Final[Mapping[Grade | None, float]] = {
    "Outstanding": 13 * 0.85,
    "Good": 71 * 0.85,
    "Requires improvement to be good": 14 * 0.85,
    "Inadequate": 2 * 0.85,
    None: 15,
}
DESCRIBED: Final[Mapping[bool, float]] = {True: 92, False: 8}


def spread(dice: Random, shares: Mapping[Choice, float], count: int) -> list[Choice]:
    """`count` choices in the proportions of `shares`, to within one each, in random order."""
    choices, ends = list(shares), list(accumulate(shares.values()))
    start = dice.random()
    steps = (ends[-1] * (place + start) / count for place in range(count))
    drawn = [choices[min(bisect(ends, step), len(choices) - 1)] for step in steps]
    dice.shuffle(drawn)
    return drawn
