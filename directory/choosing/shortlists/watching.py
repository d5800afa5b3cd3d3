"""What has changed about homes since they were put on a shortlist: told there until seen.

All homes of an open shortlist are watched; of one that is decided, the one that was chosen, for as
long as a child may be about to move in. Where a child lives is not known here.
"""

from collections.abc import Collection, Sequence
from datetime import timedelta

from msgspec.structs import replace
from sqlalchemy import Connection

from directory.choosing.changes.values import HomeChange
from directory.choosing.changes.watching import changes_since
from directory.choosing.shortlists.service import Kept, keep, kept_one, shortlists
from directory.choosing.shortlists.values import Option
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node

WATCHED_AFTER = timedelta(days=90)


def changes_on(
    connection: Connection, node: Node, several: Collection[Kept]
) -> dict[str, list[HomeChange]]:
    """By the ids of these shortlists, what has changed about their homes and nobody of theirs has
    seen, the newest first; without those of which nothing has.
    """
    watched = {one.id: _watched(one, node) for one in several}
    seen: dict[str, int] = {}
    for options in watched.values():
        for one in options:
            seen[one.urn] = min(one.seen, seen.get(one.urn, one.seen))
    changed = changes_since(connection, seen)
    found = {
        number: [
            change for one in options for change in changed.get(one.urn, ()) if change.id > one.seen
        ]
        for number, options in watched.items()
    }
    return {number: those for number, those in found.items() if those}


def count_changed(connection: Connection, node: Node, who: Principal, authority: str) -> int:
    """On how many of an authority's shortlists something has changed. Raises NotAllowed."""
    return len(changes_on(connection, node, shortlists(connection, node, who, authority)))


def mark_seen(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, newest: int
) -> None:
    """Note that somebody has seen what changed on a shortlist, up to a change's id, for all of the
    authority; who it was stands in the audit. Raises NotAllowed, NoSuchShortlist.
    """
    require(who, Action.WEIGH_HOMES, authority)
    weighed = kept_one(connection, node, authority, number).weighed
    options = tuple(replace(one, seen=max(one.seen, newest)) for one in weighed.options)
    keep(connection, node, number, replace(weighed, options=options))
    note(
        connection,
        node,
        who,
        Action.WEIGH_HOMES,
        authority=authority,
        record=f"shortlist/{number}",
        detail="changes of homes seen",
    )


def _watched(one: Kept, node: Node) -> Sequence[Option]:
    decision = one.weighed.decision
    if decision is None:
        return one.weighed.options
    if one.decided_at is None or node.now() - one.decided_at > WATCHED_AFTER:
        return ()
    return [option for option in one.weighed.options if option.urn == decision.chosen]
