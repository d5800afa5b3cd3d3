"""The checks that members have published: of a provider and its homes, of a home, by an authority.

For authorities alone: a provider sees what came of its own items, and nothing of another's.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, func, select, true

from directory.providers.diligence.models import check
from directory.providers.diligence.projection import known_as
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import followed_logs, read_entries
from protocols.diligence import Check

WARN_BEFORE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class PublishedCheck:
    """A check, with the node whose log says so, the entry there, and since when."""

    record: Check
    node: str
    entry: int
    published_at: datetime


def checks_of_home(
    connection: Connection, who: Principal, urn: str, provider: str | None
) -> list[PublishedCheck]:
    """Of one home, and of the provider that runs it as a whole. Raises NotAllowed."""
    of_it = check.c.urn == urn
    if provider:
        of_it |= (check.c.provider == known_as(provider)) & check.c.urn.is_(None)
    return _checks(connection, who, of_it)


def checks_of_provider(
    connection: Connection, who: Principal, provider: str
) -> list[PublishedCheck]:
    """Of a provider and all its homes, however its name is spelt. Raises NotAllowed."""
    return _checks(connection, who, check.c.provider == known_as(provider))


def checks_by(connection: Connection, who: Principal, authority: str) -> list[PublishedCheck]:
    """All that an authority has checked. Raises NotAllowed."""
    return _checks(connection, who, check.c.authority == authority)


def checks_of_item(connection: Connection, who: Principal, item: str) -> list[PublishedCheck]:
    """What every authority has found of an item. Raises NotAllowed."""
    return _checks(connection, who, check.c.item == item)


def some_checks(
    connection: Connection,
    who: Principal,
    *,
    provider: str | None = None,
    urn: str | None = None,
    authority: str | None = None,
    first: int,
    most: int,
) -> tuple[int, list[PublishedCheck]]:
    """How many checks count for which all that is given holds; and `most` of them from the `first`
    on (0 is the first of all), by provider, home, item and authority. Raises NotAllowed.
    """
    require(who, Action.SEE_DILIGENCE)
    wanted: ColumnElement[bool] = true()
    if provider is not None:
        wanted &= check.c.provider == known_as(provider)
    if urn is not None:
        wanted &= check.c.urn == urn
    if authority is not None:
        wanted &= check.c.authority == authority
    total = connection.scalar(select(func.count()).select_from(check).where(wanted)) or 0
    rows = connection.execute(
        select(check.c.log, check.c.entry)
        .where(wanted)
        .order_by(
            check.c.provider,
            func.coalesce(check.c.urn, ""),
            check.c.item,
            check.c.authority,
            check.c.log,
        )
        .offset(first)
        .limit(most)
    ).all()
    found = _read(connection, rows)
    return total, [found[row.log, row.entry] for row in rows if (row.log, row.entry) in found]


def soon_or_over(valid_until: date | None, today: date) -> str | None:
    """`expired` or `soon`; None while it is valid for longer than a month, or without an end."""
    if valid_until is None or valid_until >= today + WARN_BEFORE:
        return None
    return "expired" if valid_until < today else "soon"


def to_renew(checks: Iterable[PublishedCheck], today: date) -> list[PublishedCheck]:
    """Those in order of which the item expires within a month, or has; the earliest first."""
    found = [
        one
        for one in checks
        if one.record.outcome == "in-order" and soon_or_over(one.record.valid_until, today)
    ]
    return sorted(found, key=lambda one: (one.record.valid_until or today, one.record.item))


def _checks(
    connection: Connection, who: Principal, wanted: ColumnElement[bool]
) -> list[PublishedCheck]:
    require(who, Action.SEE_DILIGENCE)
    rows = connection.execute(
        select(check.c.log, check.c.entry).where(wanted).order_by(check.c.log, check.c.entry)
    ).all()
    return sorted(_read(connection, rows).values(), key=_order)


def _read(
    connection: Connection, rows: Iterable[Row[int, int]]
) -> dict[tuple[int, int], PublishedCheck]:
    """The checks at these entries, by log and entry."""
    entries: dict[int, set[int]] = {}
    for log, entry in rows:
        entries.setdefault(log, set()).add(entry)
    found = {}
    for log, known in followed_logs(connection, entries.keys()).items():
        for one in read_entries(connection, log, entries[log]):
            if isinstance(one.record, Check) and one.entry is not None:
                at = datetime.fromisoformat(one.entry.time)
                found[log, one.index] = PublishedCheck(one.record, known.node, one.index, at)
    return found


def _order(one: PublishedCheck) -> tuple[object, ...]:
    record = one.record
    return (known_as(record.provider), record.urn or "", record.kind, record.item, record.authority)


def items_of(checks: Collection[PublishedCheck]) -> list[list[PublishedCheck]]:
    """The checks by item, in their order."""
    found: dict[str, list[PublishedCheck]] = {}
    for one in checks:
        found.setdefault(one.record.item, []).append(one)
    return list(found.values())
