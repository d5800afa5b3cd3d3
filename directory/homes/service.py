"""Searching the homes that this node knows, and every claim about one of them.

Run inside one read transaction (`federation.reading`), so that the total, the page and the records
are of one state. Two nodes that hold the same logs give the same answer in the same order: what
orders is stored or rounded, and the URN breaks ties.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    case,
    distinct,
    func,
    literal_column,
    select,
)

from directory.homes.errors import RecordMissing
from directory.homes.models import home, home_text
from directory.homes.query import GRADES, NOT_INSPECTED, PAGE_SIZE, Order, SearchQuery
from directory.homes.words import match_expression
from federation import FollowedLog, followed_logs, read_records
from protocols.records import Home, decode_record

# A word in a home's heading (its name, above all) weighs as much as four in its description.
_HEADING_WEIGHT, _WORDS_WEIGHT = 4.0, 1.0
_TEXT: ColumnElement[str] = literal_column("home_text")
_TIES = (home.c.urn, home.c.authority, home.c.entry)


@dataclass(frozen=True, slots=True)
class FoundHome:
    """A home as one node's log says it. `contested`: another claim about the same URN exists."""

    record: Home
    authority_name: str
    region: str
    log: FollowedLog
    entry: int
    published_at: datetime
    contested: bool

    @property
    def node(self) -> str:
        """The node that vouches for it."""
        return self.log.node


@dataclass(frozen=True, slots=True)
class Results:
    """A page of what was found.

    `total` counts claims, which is what the pages hold; `urns` counts homes. They differ when a
    home is contested. `page` is the last one when a later one was asked for. `undescribed` is the
    number of homes that fit all filters but the words and have no description to find words in.
    """

    total: int
    urns: int
    undescribed: int
    page: int
    pages: int
    order: Order
    homes: list[FoundHome]


def search(connection: Connection, query: SearchQuery) -> Results:
    """The homes that fit a query. Raises WordsTooLong."""
    words = match_expression(query.words)
    source, conditions = _matching(query, words)
    total, urns = connection.execute(
        select(func.count(), func.count(distinct(home.c.urn)))
        .select_from(source)
        .where(*conditions)
    ).one()
    order = _stated_order(query, words)
    pages = max(1, -(-total // PAGE_SIZE))
    page = min(max(1, query.page), pages)
    rows = connection.execute(
        select(home)
        .select_from(source)
        .where(*conditions)
        .order_by(*_ordering(order))
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    undescribed = _count_undescribed(connection, query) if words else 0
    return Results(total, urns, undescribed, page, pages, order, _found(connection, rows))


def count_matching(connection: Connection, query: SearchQuery) -> int:
    """How many homes, by URN, fit a query. Raises WordsTooLong."""
    source, conditions = _matching(query, match_expression(query.words))
    counted = select(func.count(distinct(home.c.urn))).select_from(source).where(*conditions)
    return connection.execute(counted).scalar_one()


def home_claims(connection: Connection, urn: str) -> list[FoundHome]:
    """Every claim about a home, the earliest published first; several are a contest."""
    rows = connection.execute(
        select(home).where(home.c.urn == urn).order_by(home.c.published_at, *_TIES)
    ).all()
    return _found(connection, rows)


def count_homes(connection: Connection) -> int:
    """How many homes, by URN, this node knows."""
    return connection.execute(select(func.count(distinct(home.c.urn)))).scalar_one()


def _matching(
    query: SearchQuery, words: str | None
) -> tuple[FromClause, list[ColumnElement[bool]]]:
    source: FromClause = home
    conditions = _filters(query)
    if words:
        source = home_text.join(home, home.c.id == home_text.c.rowid)
        conditions.append(_TEXT.bool_op("MATCH")(words))
    return source, conditions


def _filters(query: SearchQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.region:
        conditions.append(home.c.region == query.region)
    if query.authority:
        conditions.append(home.c.authority == query.authority)
    if query.provision:
        conditions.append(home.c.provision == query.provision)
    if query.judgement == NOT_INSPECTED:
        conditions.append(home.c.overall.is_(None))
    elif query.judgement:
        conditions.append(home.c.overall == query.judgement)
    if query.min_places is not None:
        conditions.append(home.c.places >= query.min_places)
    return conditions


def _stated_order(query: SearchQuery, words: str | None) -> Order:
    if words:
        return query.order or "best match"
    return "authority A to Z" if query.order in (None, "best match") else query.order


def _ordering(order: Order) -> tuple[ColumnElement[object], ...]:
    first: ColumnElement[object]
    match order:
        case "best match":
            rank = func.bm25(_TEXT, _HEADING_WEIGHT, _WORDS_WEIGHT)
            first = func.round(rank, 6)
        case "authority A to Z":
            first = home.c.authority_name
        case "judgement, best first":
            best = {grade: place for place, grade in enumerate(GRADES)}
            first = case(best, value=home.c.overall, else_=len(GRADES))
        case "places, most first":
            first = home.c.places.desc().nulls_last()
    return (first, *_TIES)


def _count_undescribed(connection: Connection, query: SearchQuery) -> int:
    counted = select(func.count(distinct(home.c.urn)))
    found = connection.execute(counted.where(~home.c.described, *_filters(query)))
    return found.scalar_one()


def _found(connection: Connection, rows: Sequence[Row[tuple[object, ...]]]) -> list[FoundHome]:
    logs = followed_logs(connection)
    records = read_records(connection, [(row.log, row.entry) for row in rows])
    contested = _contested(connection, {row.urn for row in rows})
    return [
        FoundHome(
            record=_home(records.get((row.log, row.entry)), row.urn, logs[row.log], row.entry),
            authority_name=row.authority_name,
            region=row.region,
            log=logs[row.log],
            entry=row.entry,
            published_at=datetime.fromisoformat(row.published_at),
            contested=row.urn in contested,
        )
        for row in rows
    ]


def _home(data: bytes | None, urn: str, log: FollowedLog, entry: int) -> Home:
    record = decode_record(data) if data is not None else None
    if not isinstance(record, Home):
        raise RecordMissing(
            f"The search tables list the home {urn}, but entry {entry} of {log.origin} holds no "
            "record of a home. Rebuild the search tables from the logs."
        )
    return record


def _contested(connection: Connection, urns: set[str]) -> set[str]:
    claims = select(home.c.urn).where(home.c.urn.in_(urns)).group_by(home.c.urn)
    return set(connection.scalars(claims.having(func.count() > 1)))
