"""What has followed a notice, without what it says of the child: kinds, days and where it is."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from directory.notices.models import notice_event
from directory.notices.now import Side
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Dispatch, dispatches

_FROM_PLACING = ("placement-change/1", "placement-ending/1", "withdrawal/1", "answer/1")
_FROM_AREA = ("withdrawal-answer/1", "question/1")


@dataclass(frozen=True, slots=True)
class After:
    """Something said after a notice. `dispatch` is None where it came from the other authority."""

    message: str
    kind: str
    at: datetime
    by: str
    dispatch: Dispatch | None


def said_after(
    connection: Connection, who: Principal, side: Side, *, authority: str, notice: str
) -> list[After]:
    """In the order in which it was said or came here. `authority` is ours. Raises NotAllowed."""
    sent = side == "sent"
    require(who, Action.LIST_SENT_NOTICES if sent else Action.LIST_RECEIVED_NOTICES, authority)
    table = notice_event.c
    ours = table.placing_authority if sent else table.area_authority
    rows = connection.execute(
        select(table.message, table.kind, table.at, table.by)
        .where(table.side == side, table.notice == notice, ours == authority)
        .order_by(table.seq)
    ).all()
    mine = _FROM_PLACING if sent else _FROM_AREA
    went = dispatches(connection, [row.message for row in rows if row.kind in mine])
    return [
        After(row.message, row.kind, row.at, row.by, went.get(row.message))
        if row.kind in mine
        else After(row.message, row.kind, row.at, row.by, None)
        for row in rows
    ]
