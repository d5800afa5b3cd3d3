"""A row for each placement: where it is, what was approved, when the area authority was told.

A row knows the child by the authority's own identifier, and says no name and no address: the case
system has those.
"""

from dataclasses import astuple, dataclass, fields
from datetime import date, datetime

from sqlalchemy import Connection, select

from directory.exports import Cell
from directory.notices.models import sent_notice
from directory.placing.approvals.service import outcomes
from directory.placing.register.service import read_register
from directory.security.rights.principal import Principal
from federation import Node


@dataclass(frozen=True, slots=True)
class Exported:
    """What became of a placement. `told_at` is when the notice was queued for the area authority,
    `acknowledged_at` when somebody there answered it.
    """

    identifier: str
    placement: str
    state: str
    starts_on: date
    ends_on: date | None
    area: str | None
    relation: str | None
    relation_corrected: bool
    emergency: bool
    approval: str | None
    notice: str | None
    told_at: datetime | None
    acknowledged_at: datetime | None
    changed_at: datetime


HEADINGS = tuple(one.name for one in fields(Exported))


def export(
    connection: Connection, node: Node, who: Principal, authority: str, reason: str
) -> list[Exported]:
    """What became of an authority's placements, the latest start first; the look is in the audit.
    Raises NotAllowed, ReasonWanted.
    """
    every, children = read_register(connection, node, who, authority, reason, "exported")
    decided = outcomes(connection, [one.id for one in every])
    notices = {
        row.id: row
        for row in connection.execute(
            select(sent_notice.c.id, sent_notice.c.sent_at, sent_notice.c.acknowledged_at).where(
                sent_notice.c.placing_authority == authority
            )
        )
    }
    found: list[Exported] = []
    for one in every:
        if one.child not in children:
            continue
        course, told = one.course, notices.get(one.notice or "")
        found.append(
            Exported(
                identifier=children[one.child].identifier,
                placement=one.id,
                state=course.state,
                starts_on=course.starts_on,
                ends_on=course.ends_on,
                area=course.area,
                relation=course.relation,
                relation_corrected=course.relation_corrected,
                emergency=course.emergency,
                approval=decided.get(one.id),
                notice=one.notice,
                told_at=told.sent_at if told else None,
                acknowledged_at=told.acknowledged_at if told else None,
                changed_at=one.changed_at,
            )
        )
    return found


def cells(one: Exported) -> tuple[Cell, ...]:
    """A row of the file; yes and no in words."""
    return tuple(
        ("yes" if cell else "no") if isinstance(cell, bool) else cell for cell in astuple(one)
    )
