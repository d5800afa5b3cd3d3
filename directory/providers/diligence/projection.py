"""From verified log entries to the table of checks; part of what `directory.homes.projection` does,
in its transaction. Of an authority's checks of one item in one log, the latest entry counts.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, delete, insert, select

from directory.providers.diligence.models import check
from directory.providers.vouching.labels import plain
from federation import FollowedLog
from protocols.diligence import Check
from protocols.following import VerifiedEntry

LONGEST = 300


def known_as(provider: str) -> str:
    """A provider as checks of it are found, however its name is spelt. What a spelling out makes
    longer than the column is cut.
    """
    return plain(provider)[:LONGEST]


def add_checks(
    connection: Connection,
    log: FollowedLog,
    said: Iterable[tuple[VerifiedEntry, Check]],
    passed: Collection[int],
) -> None:
    """Add checks that count. An older one gives way to one that was `passed` too, by an entry that
    came with it: the outcome is the same however entries fall into batches.
    """
    latest: dict[tuple[str, str], tuple[VerifiedEntry, Check]] = {}
    for entry, one in said:
        before = latest.get((one.authority, one.item))
        if before is None or before[0].index < entry.index:
            latest[one.authority, one.item] = (entry, one)
    for entry, one in latest.values():
        mine = (
            (check.c.log == log.id)
            & (check.c.authority == one.authority)
            & (check.c.item == one.item)
        )
        newer = select(check.c.entry).where(mine, check.c.entry > entry.index)
        if connection.scalar(newer.limit(1)) is not None:
            continue
        connection.execute(delete(check).where(mine))
        if entry.index not in passed:
            connection.execute(
                insert(check).values(
                    log=log.id,
                    entry=entry.index,
                    authority=one.authority,
                    item=one.item,
                    provider=known_as(one.provider),
                    urn=one.urn,
                )
            )
