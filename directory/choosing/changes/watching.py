"""What lists have changed about homes that somebody watches, since they last looked.

Who watches a home keeps, beside its URN, the id of the newest change that they have seen; whoever
asks here has been held to the table of rights for that.
"""

from collections.abc import Mapping

from sqlalchemy import Connection, null, select

from directory.choosing.changes.models import home_change
from directory.choosing.changes.service import read_change
from directory.choosing.changes.values import HomeChange
from federation import in_parts


def changes_since(connection: Connection, seen: Mapping[str, int]) -> dict[str, list[HomeChange]]:
    """By URN, what has changed after the change with the id that stands there, the newest first;
    without homes of which nothing has.
    """
    found: dict[str, list[HomeChange]] = {}
    for part in in_parts(seen):
        rows = connection.execute(
            select(home_change, null().label("seen_by"), null().label("seen_at"))
            .where(home_change.c.id > min(seen.values()), home_change.c.urn.in_(part))
            .order_by(home_change.c.id.desc())
        )
        for row in rows:
            if row.id > seen[row.urn]:
                found.setdefault(row.urn, []).append(read_change(row))
    return found
