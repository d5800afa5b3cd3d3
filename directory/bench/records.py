"""Many homes to measure with: seeded, of realistic size, in words that are used as unevenly as
real ones.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from itertools import accumulate, product
from random import Random
from typing import get_args

from directory.country.codes.service import code_list
from protocols.kinds import Source
from protocols.profiles import Answer, Met, Profile
from protocols.records import Description, Grade, Home, Judgement, Need, Provision

SUMMARY_CHARACTERS = 660  # brings a payload to about 1.3 KB
VOCABULARY = 6000
_SYLLABLES = [a + b for a, b in product("bcdfghklmnprstvw", ("a", "e", "i", "o", "u", "an", "er"))]
_DAY = date(2025, 3, 31)


def vocabulary(seed: int = 1) -> list[str]:
    """Different invented words of two to four syllables, the most used first."""
    dice = Random(seed)  # noqa: S311 - nothing here is a secret
    words: dict[str, None] = {}
    while len(words) < VOCABULARY:
        words["".join(dice.choices(_SYLLABLES, k=dice.choice((2, 3, 3, 4))))] = None
    return list(words)


def many_homes(count: int, authorities: Sequence[str], seed: int = 1) -> Iterator[Home]:
    """`count` homes spread over authorities, the same for the same seed. About one in seven is not
    yet inspected, one in twelve not described, and of one in twenty the places are not known.
    """
    words = vocabulary(seed)
    dice = Random(seed)  # noqa: S311 - nothing here is a secret
    # Zipf's law: the word of rank r is used 1/(r + 10) as often as the first.
    weights = list(accumulate(1 / (rank + 10) for rank in range(len(words))))
    providers = [f"{dice.choice(words)} {dice.choice(words)} limited".title() for _ in range(400)]
    for number in range(count):
        grade = dice.choice(get_args(Grade))
        yield Home(
            urn=f"BENCH-{number:07}",
            authority=dice.choice(authorities),
            provision=dice.choices(get_args(Provision), (90, 7, 3))[0],
            sector="Private",
            status="Active",
            registered_on=_DAY - timedelta(days=dice.randrange(4000)),
            source=Source("Invented for a benchmark", _DAY),
            name=f"{dice.choice(words)} {dice.choice(words)}".title(),
            provider=dice.choice(providers),
            places=dice.randrange(1, 13) if dice.random() > 0.05 else None,
            judgement=Judgement(_DAY, grade) if dice.random() > 0.15 else None,
            description=_described(dice, words, weights) if dice.random() > 0.08 else None,
        )


def many_profiles(homes: Iterable[Home], seed: int = 1) -> Iterator[Profile]:
    """The profiles of those homes that are described: their needs, and some 20 answers more."""
    dice = Random(seed)  # noqa: S311 - nothing here is a secret
    codes = [one.code for one in code_list().codes]
    answered: tuple[Met, ...] = ("yes", "yes", "yes", "partly", "no")
    for home in homes:
        if what := home.description:
            more = [code for code in dice.sample(codes, 20) if code not in what.needs]
            youngest = dice.randint(5, 14)
            yield Profile(
                home.urn,
                home.authority,
                home.source,
                what.summary,
                youngest,
                youngest + dice.randint(2, 5),
                dice.choice(("girls", "boys", "any")),
                answers=(
                    *(Answer(need, "yes") for need in what.needs),
                    *(Answer(code, dice.choice(answered)) for code in more),
                ),
            )


def _described(dice: Random, words: list[str], weights: list[float]) -> Description:
    summary = ""
    while len(summary) < SUMMARY_CHARACTERS:
        summary += " ".join(dice.choices(words, cum_weights=weights, k=20)).capitalize() + ". "
    return Description(
        summary=summary.strip(),
        needs=tuple(sorted(set(dice.choices(get_args(Need), k=4)))),
        youngest=8,
        oldest=17,
        sex="any",
    )
