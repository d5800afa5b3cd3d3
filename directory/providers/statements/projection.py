"""From verified log entries to the table of statements; part of what `directory.homes.projection`
does, in its transaction. Of the statements that one log holds of one home, the latest entry counts.
"""

from collections.abc import Collection, Iterable

from sqlalchemy import Connection, delete, insert, select

from directory.providers.statements.models import statement
from federation import FollowedLog, in_parts
from protocols.following import VerifiedEntry
from protocols.statements import Statement


def add_statements(
    connection: Connection,
    log: FollowedLog,
    said: Iterable[tuple[VerifiedEntry, Statement]],
    passed: Collection[int],
) -> None:
    """Add statements that count; of several of one home, the latest entry alone. So an older one
    gives way to one that was `passed` too, by an entry that came with it.
    """
    latest: dict[str, tuple[VerifiedEntry, Statement]] = {}
    for entry, one in said:
        if one.urn not in latest or latest[one.urn][0].index < entry.index:
            latest[one.urn] = (entry, one)
    for part in in_parts(latest):
        # By URN alone: with the log, SQLite would go by that, and read as many rows as it has.
        found = connection.execute(
            select(statement.c.urn, statement.c.entry, statement.c.log).where(
                statement.c.urn.in_(part)
            )
        )
        held = [row for row in found if row.log == log.id]
        for row in held:
            if row.entry > latest[row.urn][0].index:
                del latest[row.urn]
        gone = [row.entry for row in held if row.urn in latest]
        connection.execute(
            delete(statement).where(statement.c.log == log.id, statement.c.entry.in_(gone))
        )
    rows = [
        {
            "log": log.id,
            "entry": entry.index,
            "urn": one.urn,
            "authority": one.authority,
            "revised_on": one.revised_on,
            "reviewed_on": one.reviewed_on,
        }
        for entry, one in latest.values()
        if entry.index not in passed
    ]
    if rows:
        connection.execute(insert(statement), rows)
