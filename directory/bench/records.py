"""Many homes to measure with: seeded, of realistic size, in words that are used as unevenly as
real ones.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import accumulate, product
from random import Random
from typing import get_args

from protocols.records import Description, Grade, Home, Judgement, Need, Source

SUMMARY_CHARACTERS = 660  # brings a payload to about 1.3 KB
VOCABULARY = 6000
_SYLLABLES = [a + b for a, b in product("bcdfghklmnprstvw", ("a", "e", "i", "o", "u", "an", "er"))]
_DAY = date(2025, 3, 31)


def vocabulary(dice: Random) -> list[str]:
    """Different invented words of two to four syllables."""
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        words["".join(dice.choices(_SYLLABLES, k=dice.choice((2, 3, 3, 4))))] = None
    return list(words)


def many_homes(count: int, authority: str, seed: int = 1) -> Iterator[Home]:
    """`count` described homes of one authority, the same for the same seed."""
    dice = Random(seed)  # noqa: S311 - nothing here is a secret
    words = vocabulary(dice)
    # Zipf's law: the word of rank r is used 1/(r + 10) as often as the first.
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(words))))
    providers = [f"{dice.choice(words)} {dice.choice(words)} limited".title() for _ in range(400)]
    for number in range(count):
        summary = ""
        while len(summary) < SUMMARY_CHARACTERS:
            summary += " ".join(dice.choices(words, cum_weights=weights, k=20)).capitalize() + ". "
        yield Home(
            urn=f"BENCH-{number:07}",
            authority=authority,
            provision="Children's home",
            sector="Private",
            status="Active",
            registered_on=_DAY - timedelta(days=dice.randrange(4000)),
            source=Source("Invented for a benchmark", _DAY),
            name=f"{dice.choice(words)} {dice.choice(words)}".title(),
            provider=dice.choice(providers),
            places=dice.randrange(1, 9),
            judgement=Judgement(_DAY, dice.choice(get_args(Grade))),
            description=Description(
                summary=summary.strip(),
                needs=tuple(sorted(set(dice.choices(get_args(Need), k=4)))),
                youngest=8,
                oldest=17,
                sex="any",
            ),
        )
