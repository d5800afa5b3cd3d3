"""Searches as people make them, of five kinds; seeded, and no two alike.

Words come from the vocabulary of the homes (`directory.bench.records`), by how often it uses them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from random import Random

from directory.bench.records import vocabulary
from directory.country.authorities.service import by_gss, in_nation
from directory.homes.query import JUDGEMENTS, NEEDS, ORDERS, PAGE_SIZE, PROVISIONS, SearchQuery

KINDS = ("rare words", "common words", "filters", "start page", "nearest")
_COMMON, _RARE = slice(0, 60), slice(1000, None)


@dataclass(frozen=True, slots=True)
class Asked:
    """A search and its kind, one of KINDS."""

    kind: str
    query: SearchQuery


def many_queries(count: int, homes: int, seed: int = 1) -> list[Asked]:
    """`count` different searches among so many homes, the kinds one after another, so that any part
    of them has all kinds.
    """
    dice = Random(f"queries/{seed}")  # noqa: S311 - nothing here is a secret
    words = vocabulary()
    codes = [one.gss for one in in_nation("England")]
    made: dict[str, Callable[[], SearchQuery]] = {
        "rare words": lambda: _rare(dice, words),
        "common words": lambda: _common(dice, words),
        "filters": lambda: _filters(dice, codes),
        "start page": lambda: _start(dice, homes),
        "nearest": lambda: _nearest(dice, words, codes),
    }
    seen: set[SearchQuery] = set()
    return [Asked(kind, _new(made[kind], seen)) for kind in islice(cycle(KINDS), count)]


def _new(make: Callable[[], SearchQuery], seen: set[SearchQuery]) -> SearchQuery:
    while (query := make()) in seen:
        pass
    seen.add(query)
    return query


def _rare(dice: Random, words: Sequence[str]) -> SearchQuery:
    """One word or two that few homes have, now and then only its beginning."""
    typed = dice.sample(words[_RARE], k=dice.choice((1, 1, 2)))
    if dice.random() < 0.25:
        typed[-1] = typed[-1][:-1]
    return SearchQuery(" ".join(typed))


def _common(dice: Random, words: Sequence[str]) -> SearchQuery:
    """One to three words that many homes have, in part all of them."""
    typed = dice.sample([*words[_COMMON], "children", "home", "limited"], k=dice.randint(1, 3))
    return SearchQuery(" ".join(typed))


def _filters(dice: Random, codes: Sequence[str]) -> SearchQuery:
    """Two to four filters at once."""
    code = dice.choice(codes)
    choices = {
        "region": by_gss(dice.choice(codes)).region,
        "provision": dice.choice(PROVISIONS),
        "judgement": dice.choice(JUDGEMENTS),
        "need": dice.choice(NEEDS),
        "min_places": dice.randint(2, 10),
    }
    if dice.random() < 0.3:
        choices |= {"region": by_gss(code).region, "authority": code}
    chosen = dice.sample(sorted(choices), k=dice.randint(2, 4))
    return SearchQuery(**{name: choices[name] for name in chosen})  # type: ignore[arg-type]


def _start(dice: Random, homes: int) -> SearchQuery:
    """Everything: the first pages, in any order that needs neither words nor a place."""
    last = max(1, min(60, homes // PAGE_SIZE))
    return SearchQuery(order=dice.choice((None, *ORDERS[2:])), page=dice.randint(1, last))


def _nearest(dice: Random, words: Sequence[str], codes: Sequence[str]) -> SearchQuery:
    """Nearest first, alone, with a need or with a word."""
    near = SearchQuery(near=dice.choice(codes))
    return dice.choice(
        (
            replace(near, page=dice.randint(1, 3)),
            replace(near, need=dice.choice(NEEDS)),
            replace(near, words=dice.choice(words)),
        )
    )
