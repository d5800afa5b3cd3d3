"""Stays of children whose records are closed to who asks: in no list, and nothing is done to them.

A line says in which home somebody lives. So it is not enough that the name does not open.
"""

from sqlalchemy import Connection, select

from directory.hosting.homes.models import home_notice
from directory.privacy.restricting.children import children_of
from directory.privacy.restricting.closing import closed_children, closed_to, require_child_open
from directory.security.rights.principal import Principal
from federation import Node


def closed_stays(connection: Connection, node: Node, who: Principal, area: str) -> frozenset[str]:
    """The stays told to an authority, as the audit names them, that are closed to who asks. Raises
    a VaultError.
    """
    closed = closed_children(connection, node, who, area)
    if not closed.children:
        return frozenset()
    every = connection.scalars(select(home_notice.c.number).where(home_notice.c.area == area))
    children = children_of(connection, node, area, [f"home-notice/{one}" for one in every])
    alike = {record for record, marks in children.items() if closed.ask(marks) is not None}
    return frozenset(alike | closed_to(connection, who, area).keys())


def require_stay_open(
    connection: Connection, node: Node, who: Principal, area: str, number: str
) -> None:
    """Raise Restricted if a stay is closed to who asks. Raises a VaultError."""
    record = f"home-notice/{number}"
    marks = children_of(connection, node, area, [record])[record]
    require_child_open(connection, node, who, area, record, marks)
