"""Many who were told before their placements came here: noted at once, and undone at once.

A backlog that is imported would stand as late otherwise, though letters went out long ago from
another system. Whoever notes it says when, how and by whom they were told, and why it is noted.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_hex

import msgspec
from msgspec.json import Decoder
from sqlalchemy import Connection, insert, select, update

from directory.country.rules.table import Recipient
from directory.placing.register.models import placement
from directory.placing.register.rows import kept_placements, open_children, open_placements
from directory.placing.register.values import Kept, Whole
from directory.placing.telling.errors import NoSuchTelling
from directory.placing.telling.models import telling, told_before
from directory.placing.telling.planning import AREA, events, reaches, who_is_told
from directory.placing.telling.rows import insert_missing
from directory.placing.telling.values import Before, BeforeFacts, Event
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, in_parts

_TABLE, _BODY = "told_before", "body"
_FACTS = Decoder(BeforeFacts)


@dataclass(frozen=True, slots=True)
class Noted:
    """What was noted at once, and whether it was undone."""

    id: str
    kinds: tuple[str, ...]
    told_on: date
    how: str
    facts: BeforeFacts
    count: int
    made_by: str
    made_at: datetime
    undone_by: str | None


def tell_before(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    said: Before,
    *,
    chosen: Collection[str] = (),
    came_with: str | None = None,
) -> int:
    """Note it of placements that were chosen, or of all that came with an import; of those alone
    who are still to be told. Gives how many recipients that is. Raises NotAllowed.
    """
    require(who, Action.TELL_OF_PLACEMENTS, authority)
    ours = placement.c.authority == authority
    which = placement.c.came_with == came_with if came_with else placement.c.id.in_(chosen)
    kept = kept_placements(connection, ours, which)
    wanted = [
        (one.kept, event, rule, number)
        for one in _whole(connection, node, authority, kept)
        for event, rule in _told(one.kept, said)
        for number, _ in reaches(rule, one, None)
    ]
    insert_missing(connection, node, wanted)
    number, now = token_hex(16), node.now()
    known = {"how": said.how, "told_on": said.told_on, "noted_by": who.name[:200]}
    count = 0
    for part in in_parts([one.id for one in kept]):
        done = connection.execute(
            update(telling)
            .where(
                telling.c.placement.in_(part),
                telling.c.event.in_(said.events),
                telling.c.kind.in_(said.kinds),
                telling.c.state == "open",
            )
            .values(state="told", before=number, changed_at=now, **known)
        )
        count += done.rowcount
    facts = msgspec.json.encode(BeforeFacts(said.by, said.reason))
    connection.execute(
        insert(told_before).values(
            id=number,
            authority=authority,
            came_with=came_with,
            kinds=",".join(said.kinds),
            told_on=said.told_on,
            how=said.how,
            body=Vault(connection, node).seal(_TABLE, _BODY, number, facts),
            recipients=count,
            made_by=who.name[:200],
            made_at=now,
        )
    )
    of = f"import/{came_with}" if came_with else " ".join(one.id for one in kept)
    _note(connection, node, who, authority, f"{count} told before, told-before/{number}: {of}")
    return count


def noted_before(connection: Connection, node: Node, who: Principal, authority: str) -> list[Noted]:
    """What an authority has noted at once, the latest first. Raises NotAllowed."""
    require(who, Action.TELL_OF_PLACEMENTS, authority)
    rows = connection.execute(
        select(told_before)
        .where(told_before.c.authority == authority)
        .order_by(told_before.c.made_at.desc(), told_before.c.id)
    ).all()
    opened = Vault(connection, node).open_all(_TABLE, _BODY, {row.id: row.body for row in rows})
    return [
        Noted(
            row.id,
            tuple(row.kinds.split(",")),
            row.told_on,
            row.how,
            _FACTS.decode(opened[row.id]),
            row.recipients,
            row.made_by,
            row.made_at,
            row.undone_by,
        )
        for row in rows
        if row.id in opened
    ]


def undo(connection: Connection, node: Node, who: Principal, authority: str, number: str) -> int:
    """Have all of them to tell again of whom nobody has said something else since; gives how many.
    Raises NotAllowed, NoSuchTelling.
    """
    require(who, Action.TELL_OF_PLACEMENTS, authority)
    known = {"undone_by": who.name[:200], "undone_at": node.now()}
    found = connection.execute(
        update(told_before)
        .where(
            told_before.c.id == number,
            told_before.c.authority == authority,
            told_before.c.undone_at.is_(None),
        )
        .values(**known)
    )
    if not found.rowcount:
        raise NoSuchTelling("This was undone before, or was never noted.")
    nothing = dict.fromkeys(("how", "told_on", "before"))
    done = connection.execute(
        update(telling)
        .where(telling.c.before == number, telling.c.state == "told")
        .values(state="open", noted_by=who.name[:200], changed_at=node.now(), **nothing)
    )
    detail = f"{done.rowcount} to be told again: told-before/{number} undone"
    _note(connection, node, who, authority, detail)
    return done.rowcount


def _told(kept: Kept, said: Before) -> list[tuple[Event, Recipient]]:
    """Of what a placement has to be told, to whom; not what a sealed notice has told."""
    return [
        (event, rule)
        for event in events(kept.course)
        if event in said.events
        for rule in who_is_told(kept.authority, event, kept.course)
        if rule.code in said.kinds and not (rule.code == AREA and kept.notice)
    ]


def _whole(connection: Connection, node: Node, authority: str, kept: Sequence[Kept]) -> list[Whole]:
    children = open_children(connection, node, authority)
    facts = open_placements(connection, node, [one.id for one in kept])
    return [
        Whole(one, children[one.child], facts[one.id])
        for one in kept
        if one.child in children and one.id in facts
    ]


def _note(connection: Connection, node: Node, who: Principal, authority: str, detail: str) -> None:
    note(
        connection,
        node,
        who,
        Action.TELL_OF_PLACEMENTS,
        authority=authority,
        record="register",
        detail=detail,
    )
