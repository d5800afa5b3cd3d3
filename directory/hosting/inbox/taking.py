"""Who of the duty desk answers for a notice: taken, given to a colleague, or given back."""

from collections.abc import Collection, Mapping

from sqlalchemy import Connection, select, update

from directory.hosting.inbox.errors import NotOfTheDesk
from directory.hosting.inbox.listing import person_id
from directory.notices.models import received_notice
from directory.privacy.restricting.closing import require_open
from directory.security.audit.service import note
from directory.security.people.grants import people_with
from directory.security.rights.principal import Principal
from directory.security.rights.roles import Role
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, in_parts


def colleagues(connection: Connection, who: Principal, area: str) -> Mapping[str, str]:
    """The names of those who may answer for a notice, by the id of their account.

    Raises NotAllowed.
    """
    require(who, Action.LIST_RECEIVED_NOTICES, area)
    return people_with(connection, Role.DUTY_OFFICER, area)


def take(
    connection: Connection, node: Node, who: Principal, area: str, notices: Collection[str]
) -> int:
    """Answer for some notices oneself; gives how many. Raises NotAllowed, NotOfTheDesk."""
    return give(connection, node, who, area, notices, person_id(who) or "")


def give(
    connection: Connection,
    node: Node,
    who: Principal,
    area: str,
    notices: Collection[str],
    colleague: str | None,
) -> int:
    """Have a colleague answer for some notices, or nobody; gives how many there were.

    Each is in the audit. Raises NotAllowed, NotOfTheDesk, Restricted.
    """
    require(who, Action.ASSIGN_NOTICES, area)
    require_open(connection, who, area, *(f"notice/{one}" for one in notices))
    if colleague is not None and colleague not in colleagues(connection, who, area):
        raise NotOfTheDesk("Choose somebody who is a duty officer of this authority today")
    found: list[str] = []
    for part in in_parts(set(notices)):
        of_part = (received_notice.c.area_authority == area) & received_notice.c.id.in_(part)
        found += connection.scalars(select(received_notice.c.id).where(of_part))
        connection.execute(update(received_notice).where(of_part).values(taken_by=colleague))
    for one in sorted(found):
        note(
            connection,
            node,
            who,
            Action.ASSIGN_NOTICES,
            authority=area,
            record=f"notice/{one}",
            detail=f"to person/{colleague}" if colleague else "given back",
        )
    return len(found)
