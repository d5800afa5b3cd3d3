"""Duty contacts: set for the authorities that this node serves, read of every member.

They travel in the node's snapshot. A node speaks for the authorities that it serves alone: what
another's snapshot says of others is not shown.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Connection

from directory.country.authorities.service import authority_name
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, change_section, read_snapshots
from protocols.snapshots import DutyContact, DutyContacts, Snapshot, duty_contacts, encode_section


@dataclass(frozen=True, slots=True)
class Duty:
    """A contact, of the node that says so, as its snapshot of a time has it."""

    contact: DutyContact
    authority: str
    node: str
    issued: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Duties:
    """All contacts that hold now, by the authority's name; and by node, why one has none new."""

    contacts: list[Duty]
    troubles: dict[str, str]


def set_duty_contact(
    connection: Connection, node: Node, who: Principal, contact: DutyContact
) -> int:
    """Put a contact in the place of the one that its authority had; gives the snapshot's number.

    The audit, in the caller's transaction on `node.db`, says that it was set, and not to what.
    Raises NotAllowed, or Malformed.
    """
    require(who, Action.RUN_NODE)
    note(connection, node, who, "set the duty contact", authority=contact.authority)
    return _issue(node, contact.authority, (contact,))


def remove_duty_contact(connection: Connection, node: Node, who: Principal, authority: str) -> int:
    """Name nobody for an authority any more; gives the snapshot's number. Raises NotAllowed."""
    require(who, Action.RUN_NODE)
    note(connection, node, who, "remove the duty contact", authority=authority)
    return _issue(node, authority, ())


def list_duties(node: Node, who: Principal) -> Duties:
    """Whom to call, at every authority of which a snapshot that holds now says so.

    Raises NotAllowed.
    """
    require(who, Action.FIND_HOMES)
    found, troubles = [], {}
    area = {one.node: one.area for one in (node.member, *node.others())}
    for name, current in read_snapshots(node).items():
        if current.trouble:
            troubles[name] = current.trouble
        if current.snapshot is None:
            continue
        issued, expires = current.snapshot.issued, current.snapshot.expires
        found += [
            Duty(one, authority_name(one.authority), name, issued, expires)
            for one in duty_contacts(current.snapshot)
            if one.authority in area[name]
        ]
    return Duties(sorted(found, key=lambda duty: duty.authority), troubles)


def _issue(node: Node, authority: str, contacts: tuple[DutyContact, ...]) -> int:
    def change(before: Snapshot | None) -> msgspec.Raw:
        kept = duty_contacts(before) if before else ()
        others = tuple(one for one in kept if one.authority != authority)
        return encode_section(DutyContacts((*others, *contacts)))

    return change_section(node, "duty-contacts/1", change)
