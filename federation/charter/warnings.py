"""What is to be done about the charter, in words for whoever runs a node."""

from datetime import timedelta

from federation.charter.adoption import charters_aside
from federation.database import reading
from federation.node import Node
from protocols.charter import Member

SOON = timedelta(days=60)
_RENEW = (
    "agree with the other members on its successor: one runs 'hearth charter propose', holders of "
    "charter keys sign, and one adopts it"
)


def charter_warnings(node: Node) -> list[str]:
    """Everything about the charter that somebody has to do something about; empty if all is well.

    After its end all goes on among those who are members, and nobody joins.
    """
    charter, now = node.charter, node.now()
    said = []
    if now >= charter.expires:
        said.append(
            f"The charter has expired, on {charter.expires:%d %B %Y}. Members go on as before; "
            f"nobody can join. Now {_RENEW}."
        )
    elif charter.expires - now < SOON:
        days = (charter.expires - now).days
        said.append(f"The charter ends in {days} days: {_RENEW}.")
    if reason := why_suspended(node, node.member):
        said.append(f"{reason}. The others neither follow this node nor take its messages.")
    with reading(node.node_db) as connection:
        said += [f"{one.why[:1].upper()}{one.why[1:]}." for one in charters_aside(connection)]
    return said


def why_suspended(node: Node, member: Member) -> str | None:
    """That a member is suspended, by which version of the charter and why; None if it is not."""
    if member.status == "active":
        return None
    why = f": {member.reason}" if member.reason else ""
    return f"{member.node} is suspended by version {node.charter.version} of the charter{why}"
