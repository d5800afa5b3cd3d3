"""What an authority has told others of its placements, as far as it is held against a return."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from directory.country.authorities.former import standing_today
from directory.notices.models import sent_notice
from directory.notices.now import now_of_all
from directory.placing.register.models import placement
from directory.placing.register.rows import kept_placements, open_children, open_placements
from directory.placing.register.service import closed_register
from directory.placing.telling.models import telling
from directory.placing.telling.planning import AREA
from directory.privacy.restricting.closing import closed_children
from directory.security.rights.principal import Principal
from federation import Node


@dataclass(frozen=True, slots=True)
class Told:
    """That somebody was told: of whom (see `key`), which area, by the authority that answers for
    that today, and what has followed. `notice` is None where it was no sealed one.
    """

    notice: str | None
    child: str
    area: str
    starts_on: date
    urn: str | None
    acknowledged: bool
    ended_on: date | None = None


def key(identifier: str) -> str:
    """What an authority's own identifier is compared by."""
    return identifier.strip().casefold()


def closed_keys(connection: Connection, node: Node, who: Principal, placing: str) -> frozenset[str]:
    """By their identifiers, the children whose records are closed to who asks: where they live is
    told to nobody who brings a return of them. Raises a VaultError.
    """
    closed = closed_children(connection, node, who, placing)
    if not closed.children:
        return frozenset()
    every = open_children(connection, node, placing)
    hidden = closed_register(connection, node, who, placing, every)
    of_notices = {
        identifier
        for marks, _ in closed.children
        for kind, *words in marks
        if kind == "identifier" and words[0] == standing_today(placing)
        for identifier in words[1:]
    }
    return frozenset(of_notices | {key(every[number].identifier) for number in hidden})


def told_by(connection: Connection, node: Node, placing: str) -> list[Told]:
    """The notices that an authority sent, as they stand, without those withdrawn; and what it told
    by letter or mail to authorities that have no node. For whoever may look at all of them, and has
    noted it: this asks nothing. Raises a VaultError.
    """
    rows = connection.execute(
        select(sent_notice).where(sent_notice.c.placing_authority == placing)
    ).all()
    of = {row.id: row for row in rows}
    told = []
    for (_, notice), now in now_of_all(connection, node, "sent", rows).items():
        child, said = now.says.child, now.says.placement
        if now.withdrawal or child.identifier is None:
            continue
        row = of[notice]
        told.append(
            Told(
                notice,
                key(child.identifier),
                standing_today(row.area_authority),
                said.starts_on,
                said.urn,
                row.acknowledged_at is not None,
                now.ended_on,
            )
        )
    return told + _told_otherwise(connection, node, placing)


def _told_otherwise(connection: Connection, node: Node, placing: str) -> list[Told]:
    """What the register of placements says was told to an area authority without a sealed notice.
    Whoever was told so acknowledges elsewhere, so nothing is missed here.
    """
    rows = connection.execute(
        select(telling.c.placement, telling.c.event, telling.c.told_on).where(
            telling.c.authority == placing, telling.c.kind == AREA, telling.c.state == "told"
        )
    ).all()
    ended = {row.placement: row.told_on for row in rows if row.event == "ending"}
    of = {row.placement for row in rows if row.event == "placement"}
    if not of:
        return []
    kept = kept_placements(
        connection, placement.c.authority == placing, placement.c.notice.is_(None)
    )
    children = open_children(connection, node, placing)
    facts = open_placements(connection, node, [one.id for one in kept if one.id in of])
    return [
        Told(
            None,
            key(children[one.child].identifier),
            standing_today(one.course.area),
            one.course.starts_on,
            facts[one.id].urn,
            acknowledged=True,
            ended_on=(one.course.ends_on or ended[one.id]) if one.id in ended else None,
        )
        for one in kept
        if one.id in facts and one.child in children and one.course.area
    ]
