"""What lists have changed about homes in which children live: told to each person until they have
seen it.

The placing authority's staff are told of homes in which their children live, and the duty team of
the area of those in which others' do. How many, and in which home, says something of children: so
each look is in the audit, with the records that were counted, and what one person has seen waits
for every other, since not everybody may see the same records.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, func, select

from directory.alerts.living import Living, Side, living
from directory.alerts.models import lived_in_seen
from directory.choosing.changes.models import home_change
from directory.choosing.changes.service import newest_change
from directory.choosing.changes.values import HomeChange
from directory.choosing.changes.watching import changes_since
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, upsert

LOOKS_BACK = timedelta(days=90)
"""So far, for who has seen nothing yet."""
ACTIONS: Mapping[Side, Action] = {
    "placing": Action.SEE_CHANGES_WHERE_PLACED,
    "area": Action.SEE_CHANGES_WHERE_TOLD,
}


@dataclass(frozen=True, slots=True)
class ChangedHome:
    """A home in which children live or will, and what lists have changed about it, the newest
    first.
    """

    urn: str
    living: Living
    changes: list[HomeChange]


def changed_homes(
    connection: Connection, node: Node, who: Principal, authority: str, side: Side
) -> list[ChangedHome]:
    """Those of which somebody has not seen all, the newest change first; for counts alone, since
    it is not in the audit. Raises NotAllowed, a VaultError.
    """
    require(who, ACTIONS[side], authority)
    seen = _seen_up_to(connection, node, who, authority, side)
    if newest_change(connection) <= seen:
        return []
    lived_in = living(connection, node, who, authority, side)
    changed = changes_since(connection, dict.fromkeys(lived_in, seen))
    found = [ChangedHome(urn, lived_in[urn], those) for urn, those in changed.items()]
    return sorted(found, key=lambda one: (-one.changes[0].id, one.urn))


def look(
    connection: Connection, node: Node, who: Principal, authority: str, side: Side
) -> list[ChangedHome]:
    """As `changed_homes`; the look is in the audit. Raises NotAllowed, a VaultError."""
    found = changed_homes(connection, node, who, authority, side)
    if found:
        records = " ".join(record for one in found for record in one.living.records)
        note(
            connection,
            node,
            who,
            ACTIONS[side],
            authority=authority,
            record="lived-in",
            detail=f"changes of homes, counted: {records}",
        )
    return found


def mark_seen(
    connection: Connection, node: Node, who: Principal, authority: str, side: Side, newest: int
) -> None:
    """Somebody has seen what changed, up to a change's id. Raises NotAllowed."""
    require(who, ACTIONS[side], authority)
    before = _seen_up_to(connection, node, who, authority, side)
    values = {
        "newest": max(before, min(newest, newest_change(connection))),
        "seen_at": node.now(),
    }
    known = {"who": who.id, "authority": authority, "side": side}
    statement = upsert(connection, lived_in_seen).values(**known, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(known), set_=values))
    note(
        connection,
        node,
        who,
        ACTIONS[side],
        authority=authority,
        record="lived-in",
        detail="changes of homes seen",
    )


def _seen_up_to(
    connection: Connection, node: Node, who: Principal, authority: str, side: Side
) -> int:
    seen = lived_in_seen.c
    newest: int | None = connection.scalar(
        select(seen.newest).where(
            seen.who == who.id, seen.authority == authority, seen.side == side
        )
    )
    if newest is not None:
        return newest
    long_ago = home_change.c.noted_at < node.now() - LOOKS_BACK
    return connection.scalar(select(func.max(home_change.c.id)).where(long_ago)) or 0
