"""The order in which homes are shown: layers, one after another, each in the order of URNs.

Everything that orders is the same at every node that holds the same logs.
"""

from collections.abc import Iterator

from pyroaring import BitMap
from sqlalchemy import Connection

from directory.homes.index import HomeIndex
from directory.homes.nearness import by_band, read_origin
from directory.homes.query import JUDGEMENTS, ORDERS, Order, SearchQuery
from directory.homes.text import ranks, rows_headed
from directory.homes.words import Term, read_terms

MOST_RANKED = 1_000
"""Homes that are ranked one against another. Where more have the words, those are ranked that have
them in their heading, and the others follow: words that most homes have rank none of them."""


def orders_for(query: SearchQuery) -> list[Order]:
    """The orders that make sense for a query, the usual one first."""
    left_out: set[Order] = set()
    if not query.near:
        left_out.add("nearest first")
    if not read_terms(query.words):
        left_out.add("best match")
    return [order for order in ORDERS if order not in left_out]


def stated_order(query: SearchQuery) -> Order:
    """The order that a query asks for, or the usual one."""
    sensible = orders_for(query)
    return query.order if query.order in sensible else sensible[0]


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
    connection: Connection, index: HomeIndex, kept: BitMap, query: SearchQuery
) -> Iterator[BitMap | list[int]]:
    """The claims that are kept, in the order that a query asks for."""
    match stated_order(query):
        case "nearest first":
            if origin := read_origin(query.near or ""):
                for band in by_band(index, origin):
                    yield kept & band
        case "best match":
            best = _best(connection, index, kept, read_terms(query.words))
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
