"""What an authority has told others of its placements, as far as it is held against a return."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from directory.authorities.former import standing_today
from directory.notices.models import sent_notice
from directory.notices.now import now_of_all
from federation import Node


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that was sent: of whom (see `key`), which area it told, by the authority that
    answers for that today, and what of it has followed.
    """

    notice: str
    child: str
    area: str
    starts_on: date
    urn: str | None
    acknowledged: bool
    ended_on: date | None = None


def key(identifier: str) -> str:
    """What an authority's own identifier is compared by."""
    return identifier.strip().casefold()


def told_by(connection: Connection, node: Node, placing: str) -> list[Told]:
    """The notices that an authority sent, as they stand, without those withdrawn. For whoever may
    look at all of them, and has noted it: this asks nothing. Raises a VaultError.
    """
    rows = connection.execute(
        select(sent_notice).where(sent_notice.c.placing_authority == placing)
    ).all()
    of = {row.id: row for row in rows}
    told = []
    for (_, notice), now in now_of_all(connection, node, "sent", rows).items():
        child, placement = now.says.child, now.says.placement
        if now.withdrawal or child.identifier is None:
            continue
        row = of[notice]
        told.append(
            Told(
                notice,
                key(child.identifier),
                standing_today(row.area_authority),
                placement.starts_on,
                placement.urn,
                row.acknowledged_at is not None,
                now.ended_on,
            )
        )
    return told
