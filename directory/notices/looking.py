"""What both sides of a notice share: how a look at it is noted, and what it is sealed under."""

from sqlalchemy import Connection

from directory.audit.service import note
from directory.notices.errors import NoSuchNotice
from directory.rights.principal import Principal
from directory.rights.table import Action
from federation import Node
from protocols.notices import Notice, decode_body


def note_look(
    connection: Connection,
    node: Node,
    who: Principal,
    action: Action,
    authority: str,
    notice: str,
    reason: str,
) -> None:
    """Put a look at a notice, or its end, into the audit of an authority's records."""
    record = f"notice/{notice}"
    note(connection, node, who, action, authority=authority, record=record, reason=reason)


def as_notice(data: bytes) -> Notice:
    """What was sealed as a notice. Raises NoSuchNotice when it is something else."""
    body = decode_body(data)
    if not isinstance(body, Notice):
        raise NoSuchNotice("what is kept under this id is not a notice")
    return body


def received_record(placing: str, notice: str) -> str:
    """What the vault knows a received notice by: ids are the sender's own."""
    return f"{placing}/{notice}"
