"""Acknowledging several notices with one contact."""

from collections.abc import Collection

from sqlalchemy import Connection

from directory.notices.errors import AlreadyAcknowledged, NoSuchNotice
from directory.notices.received import acknowledge
from directory.security.rights.principal import Principal
from federation import Node
from protocols.notices import Contact


def acknowledge_several(
    connection: Connection,
    node: Node,
    who: Principal,
    area: str,
    notices: Collection[str],
    contact: Contact,
) -> int:
    """Answer each of some notices, in one transaction, with the same person to call; gives how many
    were answered. One that a colleague acknowledged meanwhile keeps that answer. Raises NotAllowed,
    Restricted.
    """
    answered = 0
    for one in sorted(set(notices)):
        try:
            acknowledge(connection, node, who, area=area, notice=one, contact=contact)
        except (AlreadyAcknowledged, NoSuchNotice):
            continue
        answered += 1
    return answered
