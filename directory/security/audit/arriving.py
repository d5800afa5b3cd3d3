"""The rows about what another node sent: nobody here has done it."""

from sqlalchemy import Connection

from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from federation import Node
from protocols.messages import Message


def sending_node(node: Node, sender: str) -> Principal:
    """The node that serves the authority from which a message came, as the audit names it."""
    serving = node.charter.serving(sender)
    return as_node(serving[0].node if serving else "unknown")


def as_node(name: str) -> Principal:
    """A node itself, where a rule acts and no person."""
    return Principal(f"node:{name}", name, frozenset())


def note_arrival(
    connection: Connection,
    node: Node,
    message: Message,
    action: str,
    record: str,
    *,
    detail: str = "",
    reason: str = "",
) -> None:
    """Note that a verified message came, and from whom, in the caller's transaction."""
    note(
        connection,
        node,
        sending_node(node, message.sender),
        action,
        authority=message.recipient,
        record=record,
        reason=reason,
        detail=f"from {message.sender} {detail}".strip(),
    )
