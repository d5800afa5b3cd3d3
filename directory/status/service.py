"""What is to be known of a node: its log, peers, what waits, room, versions. Nothing of a child.

Other federations failed where nobody could see: so each peer has a row, also one never reached.
"""

import shutil
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from alembic.migration import MigrationContext
from sqlalchemy import Engine

from directory.authorities.service import authority_name
from directory.rights.principal import Principal
from directory.rights.service import require
from directory.rights.table import Action
from federation import (
    FollowedLog,
    Node,
    Waiting,
    followed_logs,
    own_log,
    reading,
    staged_count,
    waiting,
)
from protocols.charter import Member


@dataclass(frozen=True, slots=True)
class PeerStatus:
    """A member, and its log as far as we hold it; None as long as we never asked for it."""

    member: Member
    log: FollowedLog | None

    @property
    def serves(self) -> list[str]:
        """The names of the authorities that it serves."""
        return [authority_name(one.gss) for one in self.member.authorities]


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """A node at a moment. Room is in bytes; `waits` is by recipient; schemas are revisions."""

    at: datetime
    own: FollowedLog | None
    staged: int
    peers: list[PeerStatus]
    waits: dict[str, Waiting]
    free: int
    room: int
    software: str
    database: str
    schemas: dict[str, str]
    charter: str
    charter_version: int
    expires: datetime


def node_status(node: Node, who: Principal) -> NodeStatus:
    """How a node is now. Raises NotAllowed."""
    require(who, Action.SEE_NODE)
    with reading(node.node_db) as connection:
        own, staged, waits = own_log(connection), staged_count(connection), waiting(connection)
    with reading(node.replica) as connection:
        held = {one.node: one for one in followed_logs(connection).values()}
    others = [one for one in node.charter.members if one.node != node.name]
    disk = shutil.disk_usage(node.folder)
    return NodeStatus(
        at=node.now(),
        own=own,
        staged=staged,
        peers=[PeerStatus(one, held.get(one.node)) for one in sorted(others, key=_name)],
        waits={authority_name(gss): one for gss, one in waits.items()},
        free=disk.free,
        room=disk.total,
        software=version("commonhearth"),
        database=node.node_db.dialect.name,
        schemas={"own": _revision(node.node_db), "logs": _revision(node.replica)},
        charter=node.charter.name,
        charter_version=node.charter.version,
        expires=node.charter.expires,
    )


def _revision(engine: Engine) -> str:
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision() or "none"


def _name(member: Member) -> str:
    return member.node
