"""In which homes children live, or will: the records that say so by URN, and nothing of who.

A placing authority counts its own register, where the home is sealed with the placement: the
machine opens it to count. The authority of an area counts what it was told: notices, and of whom no
notice has come, the homes' own word. Records that are restricted, and closed to who asks, count for
those who are named in them alone.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from sqlalchemy import Connection, select

from directory.country.reference.working_days import london_day
from directory.hosting.homes.listing import homes_alone
from directory.hosting.inbox.listing import is_live
from directory.notices.models import received_notice
from directory.notices.now import now_of_all
from directory.placing.register.models import placement
from directory.placing.register.rows import kept_placements, open_placements
from directory.privacy.restricting.closing import closed_to
from directory.security.rights.principal import Principal
from federation import Node

Side: TypeAlias = Literal["placing", "area"]


@dataclass(frozen=True, slots=True)
class Living:
    """The records of children in one home, such as `placement/3f…`: who live there, or will."""

    here: list[str] = field(default_factory=list)
    coming: list[str] = field(default_factory=list)

    @property
    def records(self) -> list[str]:
        """All of them."""
        return [*self.here, *self.coming]


def living(
    connection: Connection, node: Node, who: Principal, authority: str, side: Side
) -> Mapping[str, Living]:
    """By URN, the children whom an authority has placed, or of whom it was told as that of the
    area. For whoever may see it.
    """
    count = _placed if side == "placing" else _told_of
    return count(connection, node, who, authority)


def _placed(
    connection: Connection, node: Node, who: Principal, authority: str
) -> Mapping[str, Living]:
    mine = placement.c.authority == authority
    every = kept_placements(connection, mine, placement.c.state.in_(("planned", "live")))
    shut = closed_to(connection, who, authority)
    open_ = {one.id: one for one in every if f"placement/{one.id}" not in shut}
    found: defaultdict[str, Living] = defaultdict(Living)
    for number, facts in open_placements(connection, node, list(open_)).items():
        if facts.urn:
            one = found[facts.urn]
            here = open_[number].course.state == "live"
            (one.here if here else one.coming).append(f"placement/{number}")
    return found


def _told_of(
    connection: Connection, node: Node, who: Principal, authority: str
) -> Mapping[str, Living]:
    today = london_day(node.now())
    told = received_notice.c
    rows = connection.execute(
        select(received_notice).where(told.area_authority == authority, is_live(today))
    ).all()
    # Of what came before its URN was kept beside the seal, the seal has to be opened.
    older = now_of_all(connection, node, "received", [one for one in rows if not one.starts_on])
    shut = closed_to(connection, who, authority)
    found: defaultdict[str, Living] = defaultdict(Living)
    for row in rows:
        now = older.get((row.placing_authority, row.id))
        urn = now.says.placement.urn if now else row.urn
        record = f"notice/{row.id}"
        if urn and record not in shut:
            here = row.starts_on is None or row.starts_on <= today
            (found[urn].here if here else found[urn].coming).append(record)
    for number, urn in homes_alone(connection, node, who, authority):
        found[urn].here.append(f"home-notice/{number}")
    return found
