"""That a child of the register died: every placement ends, and nothing more is sent by itself.

Noted on the child, and on the notices sent of them. The day is sealed; that there is one is not.
"""

from dataclasses import replace
from datetime import date

from msgspec.structs import replace as struct_replaced
from sqlalchemy import Connection, Select, or_, select, update

from directory.notices.died import deaths, keep_death, require_past
from directory.notices.models import sent_notice
from directory.placing.register.finding import whole_placement
from directory.placing.register.models import child, placement
from directory.placing.register.rows import CHILD, kept_placements
from directory.placing.register.service import change_placement
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node, in_parts

ENDING = "The child died"
_COLUMN = "died_on"


def note_death(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    number: str,
    died_on: date | None,
) -> None:
    """Note it of the child of a placement; None: it was noted by mistake, and the placements stay
    as they are. Raises NotAllowed, Restricted, NoSuchPlacement, and as `require_past` does.
    """
    require(who, Action.KEEP_PLACEMENTS, authority)
    found = whole_placement(connection, node, authority, number)
    if died_on is not None:
        require_past(died_on, found.child.born_on, node)
    theirs = kept_placements(connection, placement.c.child == found.kept.child)
    for one in theirs:
        course = one.course
        facts = whole_placement(connection, node, authority, one.id).facts
        if died_on is not None and course.state != "ended":
            began = course.state == "live"
            ends_on = max(died_on, course.starts_on) if began else None
            course = replace(course, state="ended", ends_on=ends_on)
            facts = struct_replaced(facts, ending=ENDING)
        if one.id == number or course != one.course:
            change_placement(connection, node, who, authority, one.id, course, facts)
    vault, of = Vault(connection, node), found.kept.child
    sealed = None
    if died_on is not None:
        sealed = vault.seal(CHILD, _COLUMN, of, died_on.isoformat().encode())
    connection.execute(
        update(child).where(child.c.id == of).values(died_on=sealed, changed_at=node.now())
    )
    for part in in_parts({one.notice for one in theirs if one.notice}):
        for row in connection.execute(select(sent_notice).where(sent_notice.c.id.in_(part))).all():
            keep_death(connection, node, "sent", row, died_on)
    note(
        connection,
        node,
        who,
        Action.KEEP_PLACEMENTS,
        authority=authority,
        record=f"{CHILD}/{of}",
        detail="changed",
    )


def deaths_of(connection: Connection, node: Node, authority: str) -> dict[str, date]:
    """The day on which children died, by the child's record and by those of the notices sent of
    them, as the audit knows them: it is enough that either says so. Asks no rights.
    """
    rows = connection.execute(
        select(child.c.id, child.c.died_on).where(
            child.c.authority == authority, child.c.died_on.is_not(None)
        )
    )
    opened = Vault(connection, node).open_all(CHILD, _COLUMN, {row.id: row.died_on for row in rows})
    died = {one: date.fromisoformat(day.decode()) for one, day in opened.items()}
    sent = connection.execute(
        select(sent_notice).where(
            sent_notice.c.placing_authority == authority, sent_notice.c.died_on.is_not(None)
        )
    ).all()
    told = deaths(connection, node, "sent", sent)
    found = {f"{CHILD}/{one}": day for one, day in died.items()}
    found |= {f"notice/{one}": day for one, day in told.items()}
    if not found:
        return found
    linked = select(placement.c.child, placement.c.notice).where(
        placement.c.authority == authority, placement.c.notice.is_not(None)
    )
    for row in connection.execute(linked):
        pair = (f"{CHILD}/{row.child}", f"notice/{row.notice}")
        if day := found.get(pair[0]) or found.get(pair[1]):
            found |= {one: found.get(one, day) for one in pair}
    return found


def of_the_dead() -> Select[tuple[str]]:
    """The ids of placements of children of whom it is noted that they died."""
    died = select(child.c.id).where(child.c.died_on.is_not(None))
    told = select(sent_notice.c.id).where(sent_notice.c.died_on.is_not(None))
    return select(placement.c.id).where(
        or_(placement.c.child.in_(died), placement.c.notice.in_(told))
    )
