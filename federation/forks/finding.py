"""Finding a fork: a checkpoint that somebody shows, beside what this node holds of that log."""

import structlog
from sqlalchemy import select

from federation import tables
from federation.database import reading
from federation.errors import FederationError
from federation.forks.keeping import keep_fork
from federation.node import Node
from federation.store import OWN, HeldLog
from protocols.charter import Member
from protocols.checkpoint import Checkpoint, parse_checkpoint
from protocols.errors import NoFork, ProtocolError
from protocols.following import open_member_checkpoint
from protocols.fork import prove_fork
from protocols.merkle import Node as Hashes
from protocols.note import parse_note

_log = structlog.get_logger("forks")


def compare(node: Node, member: Member, note: bytes, hashes: Hashes | None = None) -> bool:
    """Hold a checkpoint against what we hold of that log; True where that proves a fork, which is
    kept then, and told.

    One that is larger than ours is compared only with `hashes` of its tree, which need no trust.
    Whatever else is wrong with it is no fork.
    """
    try:
        shown = open_member_checkpoint(note, member)
        proof = _prove(node, member, shown, note, hashes)
        if proof is None or not keep_fork(node, proof):
            return False
    except (ProtocolError, FederationError):
        return False
    _log.error("a log was forked", node=member.node, origin=member.origin, size=shown.size)
    return True


def compare_two(node: Node, one: bytes, other: bytes) -> bool:
    """The same for two checkpoints of equal size; those of different sizes prove nothing here."""
    try:
        return keep_fork(node, prove_fork(one, other, _no_hashes))
    except (ProtocolError, FederationError):
        return False


def _prove(
    node: Node, member: Member, shown: Checkpoint, note: bytes, hashes: Hashes | None
) -> bytes | None:
    own = member.node == node.name
    log = tables.own_log if own else tables.log
    with reading(node.node_db if own else node.replica) as connection:
        row = connection.execute(
            select(log.c.id, log.c.checkpoint).where(log.c.node == member.node)
        ).one_or_none()
        if row is None or row.checkpoint is None:
            return None
        ours = parse_checkpoint(parse_note(row.checkpoint).text)
        if shown == ours:
            return None
        if shown.size <= ours.size:
            held = HeldLog(connection, OWN if own else row.id, own=own).node(ours.size)
            return prove_fork(note, row.checkpoint, held)
        return None if hashes is None else prove_fork(row.checkpoint, note, hashes)


def _no_hashes(_level: int, _index: int) -> bytes:
    raise NoFork("fork: between different sizes nothing is proved without hashes")
