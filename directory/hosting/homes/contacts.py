"""Whom to call at a placing authority, so that nobody types it twice: as a home gave it with
another child of that authority's, else the office for notices that the authority publishes.
"""

from collections.abc import Mapping

from sqlalchemy import Connection

from directory.choosing.commissioning.service import wanted_of
from directory.hosting.homes.residents import stays_of
from directory.providers.vouching.running import RunHome
from federation import Node
from protocols.notices import Contact


def contact_known(
    connection: Connection, replica: Connection, node: Node, home: RunHome, authority: str
) -> Contact | None:
    """The contact at an authority (GSS code); None where nobody has said. Whether they run the home
    was said before.
    """
    given = [
        (one.kept_at, one.said.placing_contact)
        for one in stays_of(connection, node, home.claim)
        if one.said.placing_authority == authority
    ]
    if given:
        return max(given, key=lambda one: one[0])[1]
    wanted = wanted_of(replica, node, authority)
    office = wanted.record.notices if wanted else None
    if office is None or office.telephone is None:
        return None
    return Contact(office.name, "Placing authority", office.telephone, office.email)


def with_contact(typed: Mapping[str, str], known: Contact | None) -> dict[str, str]:
    """What was typed; with a known contact where none was."""
    names = ("contact_name", "contact_telephone", "contact_email")
    if known is None or any(typed[name].strip() for name in names):
        return dict(typed)
    said = (known.name, known.telephone, known.email or "")
    return {**typed, **dict(zip(names, said, strict=True))}
