"""Keeping an authority's placements, and looking at them.

Whoever asks is held to the table of rights first. A look at a child is for a reason, and every look
and change is in the audit, in the same transaction: so a look needs `writing`, too.
"""

from collections.abc import Collection, Mapping

from msgspec.structs import replace
from sqlalchemy import Connection, update

from directory.country.reference.working_days import london_day
from directory.placing.register.errors import ToldBefore
from directory.placing.register.finding import (
    hold_child,
    hold_placement,
    kept_placement,
    whole_placement,
)
from directory.placing.register.knowing import (
    keep_first_day,
    keep_typed,
    of_child,
    of_placement,
)
from directory.placing.register.models import child, placement
from directory.placing.register.rows import (
    CHILD,
    insert_children,
    insert_placements,
    kept_placements,
    open_child,
    open_children,
    update_children,
    update_placements,
)
from directory.placing.register.values import (
    ChildFacts,
    Course,
    Kept,
    PlacementFacts,
    Source,
    State,
    Whole,
)
from directory.privacy.restricting.children import marks_of
from directory.privacy.restricting.closing import (
    closed_children,
    closed_to,
    require_child_open,
    require_open,
)
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node

_EVERY: frozenset[State] = frozenset({"planned", "live", "ended"})


def placements(
    connection: Connection, who: Principal, authority: str, states: Collection[State] = _EVERY
) -> list[Kept]:
    """An authority's placements without the child, the latest start first, without those that are
    closed to who asks: a line says in whose area a child lives. Raises NotAllowed.
    """
    require(who, Action.LIST_PLACEMENTS, authority)
    closed = closed_to(connection, who, authority)
    every = kept_placements(
        connection, placement.c.authority == authority, placement.c.state.in_(states)
    )
    return [one for one in every if f"placement/{one.id}" not in closed]


def one_placement(connection: Connection, who: Principal, authority: str, number: str) -> Kept:
    """A placement without the child. Raises NotAllowed, NoSuchPlacement, Restricted."""
    require(who, Action.LIST_PLACEMENTS, authority)
    require_open(connection, who, authority, f"placement/{number}")
    return kept_placement(connection, authority, number)


def read_placement(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, reason: str
) -> Whole:
    """All of a placement; the look is in the audit. Raises NotAllowed, ReasonWanted,
    Restricted, NoSuchPlacement, also for one that was destroyed.
    """
    require(who, Action.READ_PLACEMENTS, authority, reason)
    whole = whole_placement(connection, node, authority, number)
    child = marks_of(authority, whole.child)
    require_child_open(connection, node, who, authority, f"placement/{number}", child)
    note(
        connection,
        node,
        who,
        Action.READ_PLACEMENTS,
        authority=authority,
        record=f"placement/{number}",
        reason=reason,
    )
    return whole


def read_register(
    connection: Connection, node: Node, who: Principal, authority: str, reason: str, detail: str
) -> tuple[list[Kept], dict[str, ChildFacts]]:
    """Every placement of an authority, and its children by their ids, without those whose records
    are restricted and closed to who asks. The look is one row of the
    audit; `detail` says what is shown of it. Raises NotAllowed, ReasonWanted.
    """
    require(who, Action.READ_PLACEMENTS, authority, reason)
    note(
        connection,
        node,
        who,
        Action.READ_PLACEMENTS,
        authority=authority,
        record="register",
        reason=reason,
        detail=detail,
    )
    every = kept_placements(connection, placement.c.authority == authority)
    children = open_children(connection, node, authority)
    hidden = closed_register(connection, node, who, authority, children)
    return (
        [one for one in every if one.child not in hidden],
        {one: known for one, known in children.items() if one not in hidden},
    )


def closed_register(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    children: Mapping[str, ChildFacts],
) -> frozenset[str]:
    """Those of these children of an authority, by their ids, whose records are closed to who asks.
    Raises a VaultError.
    """
    closed = closed_to(connection, who, authority)
    alike = closed_children(connection, node, who, authority)
    if not alike.children:
        return frozenset()
    return frozenset(
        number
        for number, known in children.items()
        if f"child/{number}" in closed or alike.ask(marks_of(authority, known)) is not None
    )


def add_child(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    facts: ChildFacts,
    source: Source = "typed",
) -> str:
    """Keep a child, in the caller's transaction; gives its id. Raises NotAllowed."""
    require(who, Action.KEEP_PLACEMENTS, authority)
    number = insert_children(connection, node, authority, source, [facts])[0]
    keep_typed(connection, child, number, {}, of_child(facts), london_day(node.now()))
    _note(connection, node, who, authority, f"{CHILD}/{number}", "added")
    return number


def keep_child(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    facts: ChildFacts,
    source: Source = "typed",
) -> str:
    """Keep a child, or say anew what is known of the one with this identifier; whom else to tell
    stays as it was. Gives its id. Raises NotAllowed, Restricted.
    """
    require(who, Action.KEEP_PLACEMENTS, authority)
    for number, known in open_children(connection, node, authority).items():
        if known.identifier == facts.identifier:
            child = marks_of(authority, known)
            require_child_open(connection, node, who, authority, f"{CHILD}/{number}", child)
            after = replace(facts, recipients=facts.recipients or known.recipients)
            if after != known:
                change_child(connection, node, who, authority, number, after)
            return number
    return add_child(connection, node, who, authority, facts, source)


def change_child(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    number: str,
    facts: ChildFacts,
) -> None:
    """Say what is known of a child now. Raises NotAllowed, NoSuchChild."""
    require(who, Action.KEEP_PLACEMENTS, authority)
    require_open(connection, who, authority, f"{CHILD}/{number}")
    hold_child(connection, authority, number)
    before, today = open_child(connection, node, number), london_day(node.now())
    if before:
        keep_typed(connection, child, number, of_child(before), of_child(facts), today)
    update_children(connection, node, {number: facts})
    _note(connection, node, who, authority, f"{CHILD}/{number}", "changed")


def add_placement(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    of: str,
    course: Course,
    facts: PlacementFacts,
    source: Source = "typed",
) -> str:
    """Keep a placement of the child of this id; gives the placement's. Raises NotAllowed,
    NoSuchChild.
    """
    require(who, Action.KEEP_PLACEMENTS, authority)
    hold_child(connection, authority, of)
    number = insert_placements(connection, node, authority, source, [(of, course, facts)])[0]
    today = london_day(node.now())
    keep_typed(connection, placement, number, {}, of_placement(course, facts), today)
    _note(connection, node, who, authority, f"placement/{number}", "added")
    return number


def change_placement(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    number: str,
    course: Course,
    facts: PlacementFacts,
    detail: str = "changed",
) -> None:
    """Say what is known of a placement now: `detail` is what the audit calls that. Raises
    NotAllowed, NoSuchPlacement.
    """
    require(who, Action.KEEP_PLACEMENTS, authority)
    hold_placement(connection, authority, number)
    require_open(connection, who, authority, f"placement/{number}")
    before = whole_placement(connection, node, authority, number)
    stood = of_placement(before.kept.course, before.facts)
    today = london_day(node.now())
    keep_typed(connection, placement, number, stood, of_placement(course, facts), today)
    if before.kept.course.starts_on != course.starts_on:
        keep_first_day(connection, number, before.kept.course.starts_on, today)
    update_placements(connection, node, {number: (course, facts)})
    _note(connection, node, who, authority, f"placement/{number}", detail)


def link_notice(
    connection: Connection, node: Node, who: Principal, authority: str, number: str, notice: str
) -> None:
    """Say which notice was sent of a placement, in place of one that was withdrawn. Raises
    NotAllowed, NoSuchPlacement, ToldBefore.
    """
    require(who, Action.KEEP_PLACEMENTS, authority)
    hold_placement(connection, authority, number)
    require_open(connection, who, authority, f"placement/{number}")
    if (before := kept_placement(connection, authority, number).notice) == notice:
        return
    if before:
        raise ToldBefore(
            "A notice of this placement was sent before, so this one was not. Open the placement "
            "to see what became of the first."
        )
    connection.execute(
        update(placement)
        .where(placement.c.id == number)
        .values(notice=notice, changed_at=node.now())
    )
    _note(connection, node, who, authority, f"placement/{number}", f"notice/{notice}")


def _note(
    connection: Connection, node: Node, who: Principal, authority: str, record: str, detail: str
) -> None:
    note(
        connection,
        node,
        who,
        Action.KEEP_PLACEMENTS,
        authority=authority,
        record=record,
        detail=detail,
    )
