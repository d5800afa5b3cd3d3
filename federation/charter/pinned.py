"""A log whose key was ended: what a follower holds of it agrees with the charter, or is let go.

The charter says what the log was at some size. What is held and agrees stays. What was taken on the
word of the ended key alone, a thief's perhaps, gives way to what a key that holds has signed; what
a key that holds has signed never does.
"""

from functools import lru_cache

from sqlalchemy import delete, select, update

from federation import tables
from federation.database import reading, writing
from federation.node import Node
from federation.sources import LogSource
from federation.store import FollowedLog, HeldLog
from protocols.charter import Member
from protocols.checkpoint import Checkpoint, open_checkpoint
from protocols.entries import Entry
from protocols.errors import Inconsistent, ProtocolError
from protocols.following import VerifiedEntry, check_pin
from protocols.merkle import Frontier, subtree_root
from protocols.tiles import node_reader


def check_pins(
    node: Node,
    member: Member,
    log: FollowedLog,
    held: Frontier,
    checkpoint: Checkpoint,
    source: LogSource,
) -> None:
    """Raise Inconsistent unless what is held, or else the checkpoint, has every pinned root.

    Asks the source for tiles only as long as what is held does not reach the pin.
    """
    for pin in member.pins:
        if pin.size > held.size:
            _check_offered(checkpoint, member, source)
            return
        with reading(node.replica) as connection:
            tree = HeldLog(connection, log.id, own=False).node(held.size)
            if subtree_root(0, pin.size, tree) != pin.root:
                raise Inconsistent(
                    f"what is held of {member.node} is not the log that the charter pins at "
                    f"{pin.size}"
                )


def may_start_again(
    member: Member, log: FollowedLog, held: Frontier, note: bytes, source: LogSource
) -> bool:
    """Whether what is held rests on an ended key alone, and what is offered does not."""
    if not member.pins or held.size == 0 or _is_vouched_for(member, log, held):
        return False
    try:
        _check_offered(open_checkpoint(note, member.origin, member.log_verifiers), member, source)
    except ProtocolError:
        return False
    return True


def start_again(node: Node, member: Member, log: FollowedLog) -> None:
    """Let go of all that is held of a log, and of what it means, in one transaction."""
    with writing(node.replica) as connection:
        size = connection.scalar(
            select(tables.log.c.size).where(tables.log.c.id == log.id).with_for_update()
        )
        gone = Entry(v=1, op="retire", time="", earlier=tuple(range(size or 0)))
        node.project(connection, log, member, [VerifiedEntry(size or 0, b"", gone, None)])
        for table in (tables.entry, tables.subtree, tables.erasure):
            connection.execute(delete(table).where(table.c.log == log.id))
        connection.execute(
            update(tables.log)
            .where(tables.log.c.id == log.id)
            .values(size=0, frontier=b"", checkpoint=None, verified_at=None)
        )


def _is_vouched_for(member: Member, log: FollowedLog, held: Frontier) -> bool:
    """Whether a key that holds has signed for all that is held."""
    if log.checkpoint is None:
        return False
    try:
        signed = open_checkpoint(log.checkpoint, member.origin, member.log_verifiers)
    except ProtocolError:
        return False
    return signed.size >= held.size


def _check_offered(checkpoint: Checkpoint, member: Member, source: LogSource) -> None:
    tiles = lru_cache(maxsize=256)(source.tile)
    for pin in member.pins:
        check_pin(checkpoint, pin, lambda size: node_reader(size, tiles))
