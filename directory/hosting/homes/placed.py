"""What placing authorities say of children in the homes of an area, as it stands, as far as it is
compared with what the homes say. The machine opens it to compare; nobody is shown it from here.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from directory.hosting.homes.likeness import Said
from directory.notices.models import received_notice
from directory.notices.now import now_of_all
from federation import Node


@dataclass(frozen=True, slots=True)
class Placed:
    """A notice of a child in the area, by its id. An end may lie ahead."""

    notice: str
    said: Said
    ended_on: date | None


def placed(
    connection: Connection, node: Node, area: str, placing: Collection[str] | None = None
) -> list[Placed]:
    """The notices to an area that are not withdrawn, by all placing authorities or some, in no
    order.
    """
    mine = received_notice.c.area_authority == area
    wanted = select(received_notice).where(mine, received_notice.c.withdrawn_at.is_(None))
    if placing is not None:
        wanted = wanted.where(received_notice.c.placing_authority.in_(placing))
    rows = connection.execute(wanted).all()
    found = []
    for (authority, notice), now in now_of_all(connection, node, "received", rows).items():
        child, where = now.says.child, now.says.placement
        if not now.withdrawal:
            names = child.given_name, child.family_name
            said = Said(authority, *names, child.born_on, where.starts_on, where.urn)
            found.append(Placed(notice, said, now.ended_on))
    return found
