"""Making a shortlist, weighing its homes, and keeping the decision.

What is typed is screened for what names a child, though nothing of it leaves the node. Whoever asks
is held to the table of rights first; every look and change is in the audit, in the same
transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

import msgspec
from msgspec.json import Decoder
from msgspec.structs import replace
from sqlalchemy import Connection, Row, insert, select, update

from directory.choosing.changes.service import newest_change
from directory.choosing.shortlists.comparing import compare
from directory.choosing.shortlists.errors import Decided, NoSuchShortlist, NotWeighed
from directory.choosing.shortlists.models import shortlist
from directory.choosing.shortlists.values import MOST_HOMES, Comparison, Decision, Option, Shortlist
from directory.country.reference.working_days import LONDON
from directory.homes.service import home_claims
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, reading

_TABLE, _COLUMN = "shortlist", "weighed"
_SHORTLIST = Decoder(Shortlist)


@dataclass(frozen=True, slots=True)
class Kept:
    """A shortlist as it lies here. `decided_at` is None while it is open."""

    id: str
    weighed: Shortlist
    made_by: str
    made_at: datetime
    decided_at: datetime | None


def begin(connection: Connection, node: Node, who: Principal, authority: str, called: str) -> str:
    """Begin an empty shortlist, in the caller's transaction; gives its id. Raises NotAllowed."""
    require(who, Action.WEIGH_HOMES, authority)
    number = token_hex(16)
    sealed = Vault(connection, node).seal(
        _TABLE, _COLUMN, number, msgspec.json.encode(Shortlist(called))
    )
    connection.execute(
        insert(shortlist).values(
            id=number,
            authority=authority,
            weighed=sealed,
            made_by=who.name[:200],
            made_at=node.now(),
        )
    )
    _note(connection, node, who, authority, number, "begun")
    return number


def shortlists(connection: Connection, node: Node, who: Principal, authority: str) -> list[Kept]:
    """Every shortlist of an authority, those that are open first, then the newest.

    Raises NotAllowed.
    """
    require(who, Action.LIST_SHORTLISTS, authority)
    columns = shortlist.c
    rows = connection.execute(
        select(shortlist)
        .where(columns.authority == authority)
        .order_by(columns.decided_at.is_not(None), columns.made_at.desc(), columns.id)
    ).all()
    opened = Vault(connection, node).open_all(
        _TABLE, _COLUMN, {row.id: row.weighed for row in rows}
    )
    return [_kept(row, opened[row.id]) for row in rows if row.id in opened]


def look(
    connection: Connection, node: Node, who: Principal, authority: str, number: str
) -> tuple[Kept, Comparison]:
    """A shortlist and its homes side by side: as they are today, or as they were when it was
    decided. Raises NotAllowed, NoSuchShortlist.
    """
    require(who, Action.WEIGH_HOMES, authority)
    kept = kept_one(connection, node, authority, number)
    _note(connection, node, who, authority, number, "read")
    decision = kept.weighed.decision
    return kept, decision.appraised if decision else _compare(node, kept.weighed)


def add_home(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    number: str,
    urn: str,
    why: str,
) -> None:
    """Add a home, or say anew why it is there. Raises NotAllowed, NoSuchShortlist, NotWeighed,
    Decided.
    """
    weighed = _open_to_change(connection, node, who, authority, number)
    with reading(node.replica) as replica:
        if not home_claims(replica, urn):
            raise NotWeighed(f"There is no home {urn} in the directory. Check the number.")
    there = {one.urn: one for one in weighed.options}
    seen = there[urn].seen if urn in there else newest_change(connection)
    there[urn] = Option(urn, why, who.name, node.now().astimezone(LONDON).date(), seen)
    if len(there) > MOST_HOMES:
        raise NotWeighed(
            f"{MOST_HOMES} homes are on this shortlist, and no more can be compared. Take one off "
            "first."
        )
    keep(connection, node, number, replace(weighed, options=tuple(there.values())))
    _note(connection, node, who, authority, number, f"home/{urn} added")


def take_off(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, urn: str
) -> None:
    """Take a home off. Raises NotAllowed, NoSuchShortlist, Decided."""
    weighed = _open_to_change(connection, node, who, authority, number)
    left = tuple(one for one in weighed.options if one.urn != urn)
    keep(connection, node, number, replace(weighed, options=left))
    _note(connection, node, who, authority, number, f"home/{urn} taken off")


def decide(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    number: str,
    chosen: str | None,
    why: str,
    child_said: str,
    offered: tuple[str, ...],
) -> None:
    """Keep the decision, with what is known of every home today. `chosen` is the URN of a home on
    the shortlist, or None where it is none of them; so are `offered`, which the child could choose
    from. Raises NotAllowed, NoSuchShortlist, NotWeighed, Decided.
    """
    weighed = _open_to_change(connection, node, who, authority, number)
    on_it = {one.urn for one in weighed.options}
    if strangers := {*offered, *([chosen] if chosen else [])} - on_it:
        raise NotWeighed(f"{', '.join(sorted(strangers))} is not on this shortlist any more.")
    decision = Decision(chosen, why, child_said, offered, who.name, _compare(node, weighed))
    keep(connection, node, number, replace(weighed, decision=decision))
    connection.execute(
        update(shortlist).where(shortlist.c.id == number).values(decided_at=node.now())
    )
    _note(connection, node, who, authority, number, "decided")


def reopen(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, why: str
) -> None:
    """Take a decision back, for a reason that the audit keeps. Raises NotAllowed, ReasonWanted,
    NoSuchShortlist.
    """
    require(who, Action.REOPEN_DECISIONS, authority, why)
    weighed = kept_one(connection, node, authority, number).weighed
    keep(connection, node, number, replace(weighed, decision=None))
    connection.execute(update(shortlist).where(shortlist.c.id == number).values(decided_at=None))
    note(
        connection,
        node,
        who,
        Action.REOPEN_DECISIONS,
        authority=authority,
        record=f"shortlist/{number}",
        reason=why,
    )


def _open_to_change(
    connection: Connection, node: Node, who: Principal, authority: str, number: str
) -> Shortlist:
    require(who, Action.WEIGH_HOMES, authority)
    kept = kept_one(connection, node, authority, number)
    if kept.weighed.decision:
        raise Decided(
            f"{kept.weighed.decision.decided_by} has taken the decision. Nothing was changed; to "
            "change something, open the shortlist again."
        )
    return kept.weighed


def kept_one(connection: Connection, node: Node, authority: str, number: str) -> Kept:
    """A shortlist, held until the transaction ends. Who asks may. Raises NoSuchShortlist."""
    row = connection.execute(
        select(shortlist)
        .where(shortlist.c.id == number, shortlist.c.authority == authority)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchShortlist("There is no such shortlist here.")
    return _kept(row, Vault(connection, node).open(_TABLE, _COLUMN, row.id, row.weighed))


def _kept(row: Row[*tuple[object, ...]], data: bytes) -> Kept:
    weighed = _SHORTLIST.decode(data)
    return Kept(row.id, weighed, row.made_by, row.made_at, row.decided_at)


def keep(connection: Connection, node: Node, number: str, weighed: Shortlist) -> None:
    """Put a shortlist in the place of what it was, sealed."""
    data = msgspec.json.encode(weighed)
    sealed = Vault(connection, node).seal(_TABLE, _COLUMN, number, data)
    connection.execute(update(shortlist).where(shortlist.c.id == number).values(weighed=sealed))


def _compare(node: Node, weighed: Shortlist) -> Comparison:
    with reading(node.replica) as replica:
        return compare(replica, weighed.options, node.now().astimezone(LONDON).date())


def _note(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, detail: str
) -> None:
    record = f"shortlist/{number}"
    note(
        connection, node, who, Action.WEIGH_HOMES, authority=authority, record=record, detail=detail
    )
