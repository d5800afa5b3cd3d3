"""The order in which homes are shown: layers, one after another, each in the order of URNs.

Everything that orders is the same at every node that holds the same logs.
"""

from collections.abc import Iterator

from pyroaring import BitMap
from sqlalchemy import Connection

from directory.homes.index import HomeIndex
from directory.homes.query import JUDGEMENTS, Order, SearchQuery
from directory.homes.text import ranks, rows_headed
from directory.homes.words import Term

MOST_RANKED = 2_000
"""Homes that are ranked one against another. Where more have the words, those are ranked that have
them in their heading, and the others follow: words that most homes have rank none of them."""


def stated_order(query: SearchQuery, has_words: bool) -> Order:
    """The order that a query asks for, or the usual one."""
    if has_words:
        return query.order or "best match"
    return "authority A to Z" if query.order in (None, "best match") else query.order


def page_of(claims: Iterator[BitMap | list[int]], start: int, count: int) -> list[int]:
    """The numbers of `count` claims, from `start` on."""
    shown: list[int] = []
    for layer in claims:
        if start < len(layer):
            shown += layer[start : start + count - len(shown)]
        if len(shown) == count:
            break
        start = max(0, start - len(layer))
    return shown


def layers(
    connection: Connection, index: HomeIndex, kept: BitMap, order: Order, terms: tuple[Term, ...]
) -> Iterator[BitMap | list[int]]:
    """The claims that are kept, in an order."""
    match order:
        case "best match":
            best = _best(connection, index, kept, terms)
            yield best
            yield kept - BitMap(best)
        case "authority A to Z":
            names = sorted(index.authorities.values(), key=lambda one: (one.name, one.gss))
            for authority in names:
                yield kept & index.having("authority", authority.gss)
        case "judgement, best first":
            for judgement in JUDGEMENTS:
                yield kept & index.having("judgement", judgement)
        case "places, most first":
            for places in sorted(index.places, reverse=True):
                yield kept & index.places[places]
            yield kept - BitMap().union(*index.places.values())


def _best(
    connection: Connection, index: HomeIndex, kept: BitMap, terms: tuple[Term, ...]
) -> list[int]:
    if len(kept) > MOST_RANKED:
        kept = kept & index.with_ids(rows_headed(connection, terms))
    if not 0 < len(kept) <= MOST_RANKED:
        return list(kept)
    rank = ranks(connection, terms, [index.ids[number] for number in kept])
    return sorted(kept, key=lambda number: (rank[index.ids[number]], number))
