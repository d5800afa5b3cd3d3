"""Searching the homes that this node knows, and every claim about one of them.

Run inside one read transaction (`federation.reading`), so that the total, the page and the records
are of one state. Two nodes that hold the same logs give the same answer in the same order: what
orders is stored or rounded, and the URN breaks ties.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pyroaring import BitMap
from sqlalchemy import Connection, Row, bindparam, select

from directory.homes.errors import RecordMissing
from directory.homes.index import HomeIndex, home_index
from directory.homes.models import home
from directory.homes.narrowing import Counts, narrow
from directory.homes.ordering import layers, page_of, stated_order
from directory.homes.query import PAGE_SIZE, Order, SearchQuery, asks_of_profile, without_profile
from directory.homes.said import Said, said_of
from directory.homes.text import rows_with
from directory.homes.words import Term, read_terms
from federation import FollowedLog, followed_logs, in_parts, read_entries, read_records
from protocols.profiles import Profile
from protocols.records import Home, decode_record

# Made once: to build a statement costs more than to run it.
_ROWS = select(home).where(home.c.id.in_(bindparam("ids", expanding=True)))

# The same few thousand are shown again and again: those of the state that was read last, by row.
_shown: "dict[int, dict[int, FoundHome]]" = {}
_MOST_SHOWN = 4096


@dataclass(frozen=True, slots=True)
class ProfileRecord:
    """A profile, and the entry that published it."""

    record: Profile
    entry: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class FoundHome:
    """A home as one node's log says it, with its profile in the same log if there is one.

    `said` is what it says that it offers, None when it is not yet described. `contested`: another
    claim about the same URN exists.
    """

    record: Home
    profile: ProfileRecord | None
    said: Said | None
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
    number of homes that fit all filters but the words and what is asked of a home's profile, and
    are not yet described: none of that can find them.
    `made_up` is the number of homes that were made up: `only_made_up` are known, or none is found.
    `counts` says how many homes there would be with another value of each filter.
    """

    total: int
    urns: int
    undescribed: int
    page: int
    pages: int
    order: Order
    made_up: int
    only_made_up: bool
    counts: Counts
    homes: list[FoundHome]


def search(connection: Connection, query: SearchQuery, vacant: BitMap | None = None) -> Results:
    """The homes that fit a query. `vacant` are the claims with a vacancy, for who may see them.
    Raises WordsTooLong.
    """
    index = home_index(connection)
    terms = read_terms(query.words)
    narrowed = narrow(index, _with_words(connection, index, terms), query, vacant)
    kept = narrowed.kept
    pages = max(1, -(-len(kept) // PAGE_SIZE))
    page = min(max(1, query.page), pages)
    ordered = layers(connection, index, kept, query)
    shown = page_of(ordered, (page - 1) * PAGE_SIZE, PAGE_SIZE)
    return Results(
        total=len(kept),
        urns=index.homes_in(kept),
        undescribed=_undescribed(index, query, vacant),
        page=page,
        pages=pages,
        order=stated_order(query),
        made_up=len(index.made_up),
        only_made_up=index.everything == index.made_up,
        counts=narrowed.counts(),
        homes=found_homes(connection, index, shown),
    )


def search_all(
    connection: Connection, query: SearchQuery, most: int, vacant: BitMap | None = None
) -> Iterator[FoundHome]:
    """The homes that fit a query, at most so many, in its order, whatever its page; read a few
    hundred at a time. Raises WordsTooLong.
    """
    index = home_index(connection)
    found = _with_words(connection, index, read_terms(query.words))
    kept = narrow(index, found, query, vacant).kept
    numbers = page_of(layers(connection, index, kept, query), 0, min(most, len(kept)))
    for part in in_parts(numbers):
        yield from found_homes(connection, index, part)


def count_by_authority(
    connection: Connection, query: SearchQuery, vacant: BitMap | None = None
) -> dict[str, int]:
    """How many homes, by URN, that fit a query stand in each authority where there is any home.
    Raises WordsTooLong.
    """
    index = home_index(connection)
    found = _with_words(connection, index, read_terms(query.words))
    kept = narrow(index, found, query, vacant).kept
    return index.homes_in_each(kept, index.fields["authority"])


def count_matching(connection: Connection, query: SearchQuery, vacant: BitMap | None = None) -> int:
    """How many homes, by URN, fit a query. Raises WordsTooLong."""
    index = home_index(connection)
    found = _with_words(connection, index, read_terms(query.words))
    return index.homes_in(narrow(index, found, query, vacant).kept)


def home_claims(connection: Connection, urn: str) -> list[FoundHome]:
    """Every claim about a home, the earliest published first; several are a contest."""
    rows = connection.execute(
        select(home)
        .where(home.c.urn == urn)
        .order_by(home.c.published_at, home.c.authority, home.c.entry)
    ).all()
    return _found(connection, home_index(connection), rows)


def homes_with(connection: Connection, urns: Collection[str]) -> dict[str, list[FoundHome]]:
    """Every claim about each of some homes, by URN; nothing of those that nobody publishes."""
    rows = [
        row
        for part in in_parts(set(urns))
        for row in connection.execute(select(home).where(home.c.urn.in_(part)))
    ]
    found: dict[str, list[FoundHome]] = {}
    for one in _found(connection, home_index(connection), rows):
        found.setdefault(one.record.urn, []).append(one)
    return found


def found_homes(
    connection: Connection, index: HomeIndex, numbers: Sequence[int]
) -> list[FoundHome]:
    """The claims of these numbers, in this order."""
    ids = [index.ids[one] for one in numbers]
    shown = _shown_of(index.state)
    known = {one: held for one in ids if (held := shown.get(one))}
    if missing := [one for one in ids if one not in known]:
        found = dict(
            zip(missing, _found(connection, index, _rows(connection, missing)), strict=True)
        )
        known |= found
        if len(shown) > _MOST_SHOWN:
            shown.clear()
        shown.update(found)
    # How far a log is verified is of no state of the search tables.
    logs = followed_logs(connection, {one.log.id for one in known.values()})
    return [replace(known[one], log=logs[known[one].log.id]) for one in ids]


def _shown_of(state: int) -> dict[int, FoundHome]:
    """What was shown of a state of the search tables; what was of another is let go."""
    if state not in _shown:
        _shown.clear()
    return _shown.setdefault(state, {})


def count_homes(connection: Connection) -> int:
    """How many homes, by URN, this node knows."""
    index = home_index(connection)
    return index.homes_in(index.everything)


def _with_words(connection: Connection, index: HomeIndex, terms: tuple[Term, ...]) -> BitMap:
    if not terms:
        return index.everything
    return index.with_ids(rows_with(connection, terms)) & index.everything


def _undescribed(index: HomeIndex, query: SearchQuery, vacant: BitMap | None) -> int:
    if not (read_terms(query.words) or asks_of_profile(query)):
        return 0
    fitting = narrow(index, index.everything, without_profile(query), vacant).kept
    return index.homes_in(fitting - index.described)


def _rows(connection: Connection, ids: Sequence[int]) -> list[Row[tuple[object, ...]]]:
    """These rows of `home`, in this order."""
    found = {row.id: row for row in connection.execute(_ROWS, {"ids": ids}).all()}
    return [found[one] for one in ids]


def _found(
    connection: Connection, index: HomeIndex, rows: Sequence[Row[tuple[object, ...]]]
) -> list[FoundHome]:
    logs = followed_logs(connection, {row.log for row in rows})
    records = read_records(connection, [(row.log, row.entry) for row in rows])
    profiles = _profiles(connection, rows)
    found = []
    for row in rows:
        record = _home(records.get((row.log, row.entry)), row.urn, logs[row.log], row.entry)
        profile = profiles.get((row.log, row.profile))
        found.append(
            FoundHome(
                record=record,
                profile=profile,
                said=said_of(record, profile.record if profile else None),
                authority_name=row.authority_name,
                region=row.region,
                log=logs[row.log],
                entry=row.entry,
                published_at=datetime.fromisoformat(row.published_at),
                contested=index.numbers[row.id] in index.contested,
            )
        )
    return found


def _profiles(
    connection: Connection, rows: Sequence[Row[tuple[object, ...]]]
) -> dict[tuple[int, int], ProfileRecord]:
    """The profiles of rows, by log and entry."""
    by_log: dict[int, list[int]] = {}
    for row in rows:
        if row.profile is not None:
            by_log.setdefault(row.log, []).append(row.profile)
    return {
        (log, one.index): ProfileRecord(
            one.record, one.index, datetime.fromisoformat(one.entry.time)
        )
        for log, entries in by_log.items()
        for one in read_entries(connection, log, entries)
        if isinstance(one.record, Profile) and one.entry
    }


def _home(data: bytes | None, urn: str, log: FollowedLog, entry: int) -> Home:
    record = decode_record(data) if data is not None else None
    if not isinstance(record, Home):
        raise RecordMissing(
            f"The search tables list the home {urn}, but entry {entry} of {log.origin} holds no "
            "record of a home. Rebuild the search tables from the logs."
        )
    return record
