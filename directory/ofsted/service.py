"""Imports of Ofsted's list into the node, and the homes that stand in an authority.

A list is taken as complete for every authority that it names: a registration there which a newer
list leaves out has left the register. It is kept, and no longer counts among the homes. Nobody
leaves because of a row that could not be read, a list without a date, or one about other areas.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import Connection, insert

from directory.ofsted import store
from directory.ofsted.errors import OlderList
from directory.ofsted.models import list_import
from directory.ofsted.registrations import OfstedList, Problem, Registration
from directory.ofsted.store import Held


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import did.

    `read` rows of the file, `usable` ones among them; of those that stand in the authorities asked
    for, `joined`, `changed` and `unchanged`; `left` are held and no longer listed. `problems` are
    the file's, in the order of its lines.
    """

    read: int
    usable: int
    joined: int
    changed: int
    unchanged: int
    left: int
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ListedHome:
    """A children's home on the register, and the day of the newest list that names it."""

    registration: Registration
    as_at: date


def import_list(
    connection: Connection,
    listed: OfstedList,
    *,
    file_name: str,
    digest: str,
    now: datetime,
    authorities: frozenset[str] | None = None,
) -> ImportResult:
    """Bring the registrations up to this list, within the caller's transaction.

    `digest` is the file's SHA-256 in hexadecimal; `now` is an aware time. With `authorities` (GSS
    codes) only registrations there are touched, those that have moved away included. The same list
    again changes no registration; every import is recorded. Raises OlderList.
    """
    if now.tzinfo is None:
        raise ValueError("now must say its time zone")
    held = store.held(connection)
    ours = {urn: one for urn, one in held.items() if _is_in(one.registration, authorities)}
    _refuse_older(listed, ours.values())
    named = [one for one in listed.registrations if _is_in(one, authorities) or one.urn in ours]
    joined = [one for one in named if one.urn not in held]
    known = [one for one in named if one.urn in held]
    changed = [one for one in known if _differs(one, held[one.urn])]
    left = _leaving(listed, ours)

    store.add(connection, joined, listed.as_at)
    store.correct(connection, changed)
    if listed.as_at:
        later = [one.urn for one in known if held[one.urn].listed_as_at != listed.as_at]
        store.mark_listed(connection, later, listed.as_at)
        store.mark_left(connection, left, listed.as_at)
    result = ImportResult(
        read=listed.read,
        usable=len(listed.registrations),
        joined=len(joined),
        changed=len(changed),
        unchanged=len(known) - len(changed),
        left=len(left),
        problems=tuple(listed.problems),
    )
    _record(connection, result, file_name, digest, listed.as_at, now)
    return result


def listed_homes(connection: Connection, authorities: Collection[str]) -> list[ListedHome]:
    """The children's homes of every kind that stand in these authorities (GSS codes), by URN.

    A home known only from a list without a date counts as of its registration.
    """
    found = store.homes_in(connection, authorities)
    # Sorted here: each database has a collation of its own.
    found.sort(key=lambda one: one.registration.urn)
    return [
        ListedHome(one.registration, one.listed_as_at or one.registration.registered_on)
        for one in found
    ]


def homes(connection: Connection, authorities: Collection[str]) -> list[Registration]:
    """As `listed_homes`, without the days of the lists."""
    return [one.registration for one in listed_homes(connection, authorities)]


def _is_in(one: Registration, authorities: frozenset[str] | None) -> bool:
    return authorities is None or one.authority_gss in authorities


def _differs(one: Registration, held: Held) -> bool:
    return one != held.registration or held.left_as_at is not None


def _refuse_older(listed: OfstedList, ours: Iterable[Held]) -> None:
    days = [one.listed_as_at for one in ours if one.listed_as_at]
    if listed.as_at and days and listed.as_at < max(days):
        raise OlderList(
            f"This list is as at {listed.as_at:%d %B %Y}, and one as at {max(days):%d %B %Y} has "
            "been imported. Nothing was changed, because the older would undo the newer: import "
            "Ofsted's latest list."
        )


def _leaving(listed: OfstedList, ours: dict[str, Held]) -> list[str]:
    if listed.as_at is None or listed.urns is None:
        return []
    areas = {one.authority_gss for one in listed.registrations}
    return [
        urn
        for urn, one in ours.items()
        if urn not in listed.urns
        and one.registration.authority_gss in areas
        and one.left_as_at is None
        and (one.listed_as_at is None or one.listed_as_at < listed.as_at)
    ]


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
