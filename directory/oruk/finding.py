"""Which services a feed lists for a query, and which one has an identifier.

The open feed has what is public; the members' has the homes of the directory after it.
"""

from collections.abc import Mapping

from pyroaring import BitMap
from sqlalchemy import Connection

from directory.country.reference.working_days import london_day
from directory.homes.words import read_terms
from directory.oruk.homes import home_services, home_with, matching_homes
from directory.oruk.public import public_services
from directory.oruk.query import FeedQuery
from directory.oruk.services import Service
from federation import Node


def find_services(
    connection: Connection, node: Node, query: FeedQuery, *, homes: bool, located: bool = False
) -> tuple[list[Service], int]:
    """A page of the services that fit, and how many fit in all. Raises WordsTooLong."""
    if query.nothing:
        return [], 0
    public = [one for one in _public(connection, node).values() if not located or one.place]
    public = [one for one in public if _fits(one, query)]
    standing = (
        matching_homes(connection, query.words, query.taxonomy, query.term) if homes else BitMap()
    )
    shown = public[query.start : query.start + query.size]
    first = max(0, query.start - len(public))
    numbers = standing[first : first + query.size - len(shown)]
    return shown + home_services(connection, list(numbers)), len(public) + len(standing)


def service_with(connection: Connection, node: Node, wanted: str, *, homes: bool) -> Service | None:
    """The service with an identifier; None if none has it."""
    found = _public(connection, node).get(wanted)
    return found or (home_with(connection, wanted) if homes else None)


def _public(connection: Connection, node: Node) -> Mapping[str, Service]:
    return public_services(connection, node, london_day(node.now()))


def _fits(one: Service, query: FeedQuery) -> bool:
    text = f"{one.name} {one.description}".casefold()
    return (
        all(term.text.casefold() in text for term in read_terms(query.words))
        and (query.term is None or query.term in one.terms)
        and (query.taxonomy is None or any(term.taxonomy == query.taxonomy for term in one.terms))
    )
