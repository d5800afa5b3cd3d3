"""The filters of a search: which homes fit, and how many would with another value of a filter.

A count beside a filter leaves that filter itself out, since its values stand in each other's
place, and holds to all the others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import TypeAlias

from pyroaring import BitMap

from directory.homes.index import FIELDS, NONE, HomeIndex
from directory.homes.nearness import avoided, find_origin
from directory.homes.query import SearchQuery

LEAST_PLACES = (2, 3, 4, 5, 6, 8, 10)
"""The numbers of places for which it is said how many homes have at least as many."""

Counts: TypeAlias = Mapping[str, Mapping[str, int]]
"""How many homes there would be, by name of the filter in an address and value of it."""


@dataclass(frozen=True, slots=True)
class Narrowed:
    """`found` are the claims that have the words; `by` those that fit each filter in force.

    `vacant` are those with a vacancy; None for who may not see any.
    """

    index: HomeIndex
    found: BitMap
    by: dict[str, BitMap]
    vacant: BitMap | None = None

    @property
    def kept(self) -> BitMap:
        """What fits everything."""
        return reduce(and_, self.by.values(), self.found)

    def counts(self) -> Counts:
        """Homes by URN for each value of each filter."""
        counted: dict[str, dict[str, int]] = {}
        for name in FIELDS:
            others = self._but(name)
            counted[name] = self.index.homes_in_each(others, self.index.fields[name])
        at_least = {str(least): with_places(self.index, least) for least in LEAST_PLACES}
        counted["min_places"] = self.index.homes_in_each(self._but("min_places"), at_least)
        if self.vacant is not None:
            having = {"yes": self.vacant}
            counted["vacancy"] = self.index.homes_in_each(self._but("vacancy"), having)
        return counted

    def _but(self, filter_left_out: str) -> BitMap:
        others = (claims for name, claims in self.by.items() if name != filter_left_out)
        return reduce(and_, others, self.found)


def narrow(
    index: HomeIndex, found: BitMap, query: SearchQuery, vacant: BitMap | None = None
) -> Narrowed:
    """Apply a query's filters, all but its words, to what was `found` by them. Without `vacant`,
    the claims with a vacancy, nobody can filter by that.
    """
    by: dict[str, BitMap] = {
        name: index.having(name, value) for name in FIELDS if (value := getattr(query, name))
    }
    if query.min_places is not None:
        by["min_places"] = with_places(index, query.min_places)
    if query.away:
        by["away"] = index.everything - standing_in(index, avoided_by(query))
    if query.vacancy and vacant is not None:
        by["vacancy"] = vacant
    return Narrowed(index, found, by, vacant)


def avoided_by(query: SearchQuery) -> frozenset[str]:
    """The authorities that the places to keep away from lie in."""
    return frozenset[str]().union(*(avoided(find_origin(code)) for code in query.away))


def standing_in(index: HomeIndex, authorities: Iterable[str]) -> BitMap:
    """The claims of homes in these authorities."""
    return BitMap().union(*(index.having("authority", gss) for gss in authorities))


def with_places(index: HomeIndex, least: int) -> BitMap:
    """The claims of at least so many places; those that do not say are not among them."""
    enough = (claims for places, claims in index.places.items() if places >= least)
    return reduce(or_, enough, NONE)
