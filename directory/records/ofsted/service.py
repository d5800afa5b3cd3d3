"""Imports of Ofsted's list into the node, and the homes that stand in an authority.

A list is taken as complete for every authority that it names: a registration there which a newer
list leaves out has left the register. It is kept, and no longer counts among the homes. Nobody
leaves because of a row that could not be read, a list without a date, or one about other areas. A
list that would close more than one home in twenty may be half a list, and is asked about first.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, insert

from directory.country.authorities.former import former_named
from directory.records.ofsted import store
from directory.records.ofsted.changes import Changes, completed
from directory.records.ofsted.errors import ManyWouldClose, OlderList
from directory.records.ofsted.heading import HEADINGS
from directory.records.ofsted.models import list_import
from directory.records.ofsted.registrations import CHILDRENS_HOMES, Listed, Problem, Registration
from directory.records.ofsted.store import Held
from federation import hold

T = TypeVar("T")
MOST_CLOSING = 0.05  # of the homes on the register
_BATCH = 500  # registrations


@dataclass(slots=True)
class Tally:
    """How many registrations, of one kind of provision or of all."""

    read: int = 0
    joined: int = 0
    changed: int = 0
    unchanged: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did.

    `read` rows of the file, `usable` ones among them; of those that stand in the authorities asked
    for, `joined`, `changed` and `unchanged`; `left` are held and no longer listed. `problems` are
    the file's, in the order of its lines. `changes` says which they are. `by_provision_type` has
    the same figures for each kind; there, `read` are the usable rows in the authorities asked for.
    `silent` are the columns that the list does not have: what was known of them stays. `undated`
    counts the children's homes on the register of which no list has said since when they are
    registered: they are not published.
    """

    read: int
    usable: int
    joined: int
    changed: int
    unchanged: int
    left: int
    problems: tuple[Problem, ...]
    changes: Changes = field(default_factory=Changes)
    by_provision_type: Mapping[str, Tally] = field(default_factory=dict)
    silent: tuple[str, ...] = ()
    undated: int = 0


@dataclass(frozen=True, slots=True)
class ListedHome:
    """A children's home on the register, and the day of the newest list that names it."""

    registration: Registration
    as_at: date


def import_list(
    connection: Connection,
    listed: Listed,
    *,
    file_name: str,
    digest: str,
    now: datetime,
    authorities: frozenset[str] | None = None,
    many_may_close: bool = False,
) -> ImportResult:
    """Bring the registrations up to this list, within the caller's transaction.

    `digest` is the file's SHA-256 in hexadecimal; `now` is an aware time. With `authorities` (GSS
    codes) only registrations there are touched, those that have moved away included. The same list
    again changes no registration; every import is recorded. Raises OlderList, ManyWouldClose unless
    `many_may_close`, and what reading the list raises: the caller then rolls back.
    """
    if now.tzinfo is None:
        raise ValueError("now must say its time zone")
    hold(connection, "register")
    _refuse_older(listed.as_at, store.newest_list(connection, authorities))
    store.spare_memory(connection)
    homes_before = store.count_homes(connection, authorities)
    tallies: dict[str, Tally] = defaultdict(Tally)
    changes = Changes()
    areas: set[str] = set()
    usable = 0
    for batch in _batches(listed.registrations):
        usable += len(batch)
        areas.update(*(_areas(one.authority_gss, one.authority_as_written) for one in batch))
        _take(connection, listed, batch, authorities, tallies, changes)
    closing = _leaving(connection, listed, authorities, areas, tallies, changes)
    if closing > homes_before * MOST_CLOSING and not many_may_close:
        raise ManyWouldClose(
            f"{closing:,} of the {homes_before:,} children's homes on the register are not on this "
            f"list, more than {MOST_CLOSING:.0%}, so it may not be the whole of it. Nothing was "
            "changed. Look whether the file is complete; to close these homes all the same, import "
            "it again with --yes."
        )
    if listed.as_at:
        store.mark_left(connection, changes.left, listed.as_at)
    result = ImportResult(
        read=listed.read,
        usable=usable,
        joined=sum(one.joined for one in tallies.values()),
        changed=sum(one.changed for one in tallies.values()),
        unchanged=sum(one.unchanged for one in tallies.values()),
        left=sum(one.left for one in tallies.values()),
        problems=tuple(listed.problems),
        changes=changes,
        by_provision_type=dict(sorted(tallies.items())),
        silent=tuple(HEADINGS[name][0] for name in HEADINGS if name in listed.silent),
        undated=store.count_homes(connection, authorities, undated=True),
    )
    _record(connection, result, file_name, digest, listed.as_at, now)
    return result


def listed_homes(connection: Connection, authorities: Collection[str]) -> list[ListedHome]:
    """The children's homes of every kind that stand in these authorities (GSS codes), by URN.

    A home known only from a list without a date counts as of its registration; one of which not
    even that is known is left out.
    """
    found = store.homes_in(connection, authorities)
    # Sorted here: each database has a collation of its own.
    found.sort(key=lambda one: one.registration.urn)
    days = [(one.registration, one.listed_as_at or one.registration.registered_on) for one in found]
    return [ListedHome(registration, as_at) for registration, as_at in days if as_at]


def count_undated(connection: Connection, authorities: Collection[str]) -> int:
    """How many of the children's homes on the register in these authorities have no date of
    registration, because no list has said it.
    """
    return store.count_homes(connection, authorities, undated=True)


def homes(connection: Connection, authorities: Collection[str]) -> list[Registration]:
    """As `listed_homes`, without the days of the lists."""
    return [one.registration for one in listed_homes(connection, authorities)]


def registrations(connection: Connection, urns: Iterable[str]) -> Iterator[Registration]:
    """Those of these registrations that the node holds, whether or not they have left."""
    for batch in _batches(urns):
        yield from (one.registration for one in store.held(connection, batch).values())


def gone(
    connection: Connection, urns: Iterable[str], authorities: Collection[str]
) -> frozenset[str]:
    """Those of these URNs of which a list has said that they are no longer on the register, or no
    longer in these authorities (GSS codes). Of whom no list has spoken, nothing is said.
    """
    found = (store.gone(connection, batch, authorities) for batch in _batches(urns))
    return frozenset().union(*found)


def _batches(them: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(them)
    while batch := list(islice(waiting, _BATCH)):
        yield batch


def _take(
    connection: Connection,
    listed: Listed,
    batch: list[Registration],
    authorities: frozenset[str] | None,
    tallies: dict[str, Tally],
    changes: Changes,
) -> None:
    """Keep what some of the list's registrations say, and count."""
    held = store.held(connection, [one.urn for one in batch])
    joined: list[Registration] = []
    changed: list[Registration] = []
    known: list[str] = []
    for one in batch:
        was = held.get(one.urn)
        if not (_is_in(one, authorities) or (was and _is_in(was.registration, authorities))):
            continue
        tally = tallies[one.provision_type]
        tally.read += 1
        if was is None:
            joined.append(one)
            tally.joined += 1
            changes.joined.append(one.urn)
            continue
        if was.listed_as_at != listed.as_at:
            known.append(one.urn)
        full = completed(one, was.registration, listed.silent)
        if _differs(full, was):
            changed.append(full)
            tally.changed += 1
            changes.note(was.registration, full)
            if was.left_as_at is not None:
                changes.returned.append(one.urn)
        else:
            tally.unchanged += 1
    store.add(connection, joined, listed.as_at)
    store.correct(connection, changed)
    if listed.as_at:
        store.mark_listed(connection, known, listed.as_at)


def _leaving(
    connection: Connection,
    listed: Listed,
    authorities: frozenset[str] | None,
    areas: set[str],
    tallies: dict[str, Tally],
    changes: Changes,
) -> int:
    """Note those that the list no longer names; gives how many of them are children's homes."""
    urns = listed.urns
    if listed.as_at is None or urns is None:
        return 0
    closing = 0
    for one in store.on_register(connection, authorities):
        if (
            one.urn not in urns
            and (one.listed_as_at is None or one.listed_as_at < listed.as_at)
            and not areas.isdisjoint(_areas(one.authority_gss, one.authority_as_written))
        ):
            closing += one.provision_type in CHILDRENS_HOMES
            tallies[one.provision_type].left += 1
            changes.left.append(one.urn)
    changes.left.sort()
    return closing


def _areas(gss: str | None, written: str | None) -> frozenset[str]:
    """Where a registration may stand today: several areas if its authority was divided."""
    if gss:
        return frozenset({gss})
    former = former_named(written or "")
    return frozenset(former.successors if former else {written or ""})


def _is_in(one: Registration, authorities: frozenset[str] | None) -> bool:
    return authorities is None or one.authority_gss in authorities


def _differs(one: Registration, held: Held) -> bool:
    return one != held.registration or held.left_as_at is not None


def _refuse_older(as_at: date | None, newest: date | None) -> None:
    if as_at and newest and as_at < newest:
        raise OlderList(
            f"This list is as at {as_at:%d %B %Y}, and one as at {newest:%d %B %Y} has "
            "been imported. Nothing was changed, because the older would undo the newer: import "
            "Ofsted's latest list."
        )


def _record(
    connection: Connection,
    result: ImportResult,
    file_name: str,
    digest: str,
    as_at: date | None,
    now: datetime,
) -> None:
    connection.execute(
        insert(list_import).values(
            file_name=file_name[:255],
            sha256=digest,
            as_at=as_at,
            imported_at=now.astimezone(UTC),
            read=result.read,
            usable=result.usable,
            joined=result.joined,
            changed=result.changed,
            unchanged=result.unchanged,
            left=result.left,
            problems=len(result.problems),
        )
    )
