"""Where a home without a node is written to: as an officer has entered it, or else as Ofsted's
unredacted list says of its provider. What is of that list stays in it, sealed.
"""

from collections.abc import Collection

from sqlalchemy import Connection, delete, insert, select

from directory.hosting.census.models import home_contact
from directory.records.unredacted.service import listed_emails
from directory.security.people.accounts import normal_email
from directory.security.people.errors import NotAnEmail
from directory.security.rights.principal import Principal
from federation import Node


def keep_address(
    connection: Connection, node: Node, who: Principal, area: str, urn: str, email: str
) -> None:
    """Keep a home's email address, for this census and the next; none where it is empty. Raises
    NotAnEmail.
    """
    mine = (home_contact.c.area == area) & (home_contact.c.urn == urn)
    kept = normal_email(email) if email else None
    connection.execute(delete(home_contact).where(mine))
    if kept:
        changed = {"changed_at": node.now(), "changed_by": who.name[:200]}
        connection.execute(insert(home_contact).values(area=area, urn=urn, email=kept, **changed))


def entered_address(connection: Connection, area: str, urn: str) -> str:
    """What an officer has entered; nothing where nobody has."""
    mine = (home_contact.c.area == area) & (home_contact.c.urn == urn)
    return connection.scalar(select(home_contact.c.email).where(mine)) or ""


def addresses(
    connection: Connection, node: Node, area: str, urns: Collection[str]
) -> dict[str, str]:
    """Email addresses of homes, by URN, as far as they are known."""
    found = {}
    for urn, listed in listed_emails(connection, node, area, urns).items():
        try:
            found[urn] = normal_email(listed)
        except NotAnEmail:
            continue
    entered = select(home_contact.c.urn, home_contact.c.email).where(home_contact.c.area == area)
    return found | {row.urn: row.email for row in connection.execute(entered) if row.urn in urns}
