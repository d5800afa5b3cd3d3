"""What is to be known of a node: its log, peers, what waits, room, versions. Nothing of a child.

Other federations failed where nobody could see: so each peer has a row, also one never reached.
"""

import shutil
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version

from alembic.migration import MigrationContext
from sqlalchemy import Engine

from directory.country.authorities.service import authority_name
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import (
    Contact,
    FollowedLog,
    Heartbeat,
    KnownFork,
    Node,
    Waiting,
    WitnessStanding,
    charter_warnings,
    contacts,
    followed_logs,
    known_forks,
    last_beat,
    own_log,
    read_snapshots,
    reading,
    staged_count,
    waiting,
    waits_since,
    witness_standings,
)
from protocols.charter import Member


@dataclass(frozen=True, slots=True)
class PeerStatus:
    """A member; its log as far as we hold it, and how it was when last met, None before the first
    time; what waits for its authorities, by their names; the size of our own log; how it is as a
    witness, where the charter names it as one; and what is wrong with its snapshot.
    """

    member: Member
    log: FollowedLog | None
    contact: Contact | None
    waits: dict[str, Waiting]
    ours: int
    witness: WitnessStanding | None = None
    snapshot_trouble: str | None = None

    @property
    def serves(self) -> list[str]:
        """The names of the authorities that it serves."""
        return [authority_name(one.gss) for one in self.member.authorities]

    @property
    def backlog_in(self) -> int:
        """Entries that its log is known to have and we do not hold."""
        held = self.log.size if self.log else 0
        return max(0, self.contact.offered - held) if self.contact else 0

    @property
    def backlog_out(self) -> int:
        """Entries of our log that it is not known to have verified."""
        return max(0, self.ours - (self.contact.holds if self.contact else 0))

    @property
    def oldest(self) -> Waiting | None:
        """What has waited longest for one of its authorities."""
        return min(self.waits.values(), key=lambda one: one.since, default=None)


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
    charter_warnings: list[str]
    witnesses: list[WitnessStanding]
    waits_for_quorum: datetime | None
    forks: list[KnownFork]
    worker: Heartbeat | None = None

    @property
    def why_not_published(self) -> str:
        """Why the worker signs nothing now, in words; empty where nothing is in its way."""
        why = self.worker.why_not if self.worker else ""
        return f"{why[:1].upper()}{why[1:]}." if why else ""


def node_status(node: Node, who: Principal) -> NodeStatus:
    """How a node is now. Raises NotAllowed."""
    require(who, Action.SEE_NODE)
    with reading(node.node_db) as connection:
        own, staged, waits = own_log(connection), staged_count(connection), waiting(connection)
        witnesses, unpublished = (
            witness_standings(connection, node.charter),
            waits_since(connection),
        )
        forks = known_forks(connection, node.charter.members)
    with reading(node.replica) as connection:
        held = {one.node: one for one in followed_logs(connection).values()}
        met = contacts(connection)
    as_witness = {one.node: one for one in witnesses if one.node}
    snapshots = read_snapshots(node)
    others = [one for one in node.charter.members if one.node != node.name]
    disk = shutil.disk_usage(node.folder)
    return NodeStatus(
        at=node.now(),
        own=own,
        staged=staged,
        peers=[
            PeerStatus(
                one,
                held.get(one.node),
                met.get(one.node),
                {authority_name(gss): waits[gss] for gss in waits if gss in one.area},
                own.size if own else 0,
                as_witness.get(one.node),
                snapshots[one.node].trouble if one.node in snapshots else None,
            )
            for one in sorted(others, key=_name)
        ],
        waits={authority_name(gss): one for gss, one in waits.items()},
        free=disk.free,
        room=disk.total,
        software=version("commonhearth"),
        database=node.node_db.dialect.name,
        schemas={"own": _revision(node.node_db), "logs": _revision(node.replica)},
        charter=node.charter.name,
        charter_version=node.charter.version,
        expires=node.charter.expires,
        charter_warnings=charter_warnings(node),
        witnesses=witnesses,
        waits_for_quorum=unpublished,
        forks=forks,
        worker=last_beat(node),
    )


def _revision(engine: Engine) -> str:
    with reading(engine) as connection:
        return MigrationContext.configure(connection).get_current_revision() or "none"


def _name(member: Member) -> str:
    return member.node
