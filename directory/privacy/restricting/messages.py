"""Which messages are of restricted records: to whom one went says where a child lives."""

from collections.abc import Collection

from sqlalchemy import Connection, or_, select

from directory.notices.models import notice_event
from directory.placing.approvals.models import sent_consultation
from directory.privacy.restricting.closing import closed_to
from directory.security.rights.principal import Principal


def closed_messages(
    connection: Connection, who: Principal, authorities: Collection[str]
) -> frozenset[str]:
    """The ids of notices, of what was said after them and of consultations, by these authorities or
    to them, that are of records closed to who asks.
    """
    found = set[str]()
    for authority in authorities:
        closed = [one.partition("/") for one in closed_to(connection, who, authority)]
        notices = [number for kind, _, number in closed if kind == "notice"]
        placements = [number for kind, _, number in closed if kind == "placement"]
        event, asked = notice_event.c, sent_consultation.c
        ours = or_(event.placing_authority == authority, event.area_authority == authority)
        found.update(
            notices,
            connection.scalars(select(event.message).where(ours, event.notice.in_(notices))),
            connection.scalars(select(asked.id).where(asked.placement.in_(placements))),
        )
    return frozenset(found)
