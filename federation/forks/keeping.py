"""Proofs that a log was forked: verified, kept, and told to every member by whoever found it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy import Connection, delete, insert, select

from federation import tables
from federation.database import reading, writing
from federation.errors import ForkFound, NoSuchLog
from federation.locks import hold
from federation.node import Node
from federation.statements import upsert
from protocols.charter import Member
from protocols.encoding import b64url
from protocols.fork import Fork, check_fork, counts, read_fork
from protocols.note import NoteVerifier


@dataclass(frozen=True, slots=True)
class KnownFork:
    """A kept proof: whose log, since when, from whom, and whether the charter has settled it."""

    node: str
    origin: str
    digest: str
    proof: bytes
    made: Fork
    found_at: datetime
    told_by: str | None
    settled: bool


def keep_fork(node: Node, proof: bytes, told_by: str | None = None) -> bool:
    """Verify a proof and keep it; False where it is settled, or one is kept for that log already.

    Found here (`told_by` is None), it is queued for every other member. Raises NoSuchLog, or what
    `check_fork` does.
    """
    made = read_fork(proof)
    origin = made.checkpoints[0].origin
    member = next((one for one in node.charter.members if one.origin == origin), None)
    if member is None:
        raise NoSuchLog("The charter names no member with a log of this origin.")
    check_fork(proof, (NoteVerifier(origin, key.key) for key in member.log_keys))
    digest = b64url(sha256(proof).digest())
    with writing(node.node_db) as connection:
        hold(connection, f"fork {origin}")
        if not counts(made, member) or _unsettled(connection, member) is not None:
            return False
        new = upsert(connection, tables.fork).values(
            digest=digest, origin=origin, proof=proof, found_at=node.now(), told_by=told_by
        )
        connection.execute(new.on_conflict_do_nothing())
        waiting = [] if told_by else [{"digest": digest, "node": m.node} for m in node.others()]
        if waiting:
            connection.execute(insert(tables.fork_untold), waiting)
    return True


def refuse_forked(connection: Connection, member: Member) -> None:
    """Raise ForkFound where a member's log was forked and the charter has not settled it."""
    made = _unsettled(connection, member)
    if made is not None:
        smaller, larger = made.checkpoints
        raise ForkFound(
            f"the log of {member.node} was forked: it signed two histories, of {smaller.size} and "
            f"{larger.size} entries. It is not followed until a new charter says which counts; "
            "'hearth forks' shows the proof"
        )


def known_forks(connection: Connection, members: Collection[Member]) -> list[KnownFork]:
    """Every proof that is kept of these members' logs, the latest first."""
    by_origin = {member.origin: member for member in members}
    rows = connection.execute(select(tables.fork).order_by(tables.fork.c.found_at.desc()))
    return [
        KnownFork(
            node=by_origin[row.origin].node,
            origin=row.origin,
            digest=row.digest,
            proof=row.proof,
            made=(made := read_fork(row.proof)),
            found_at=row.found_at,
            told_by=row.told_by,
            settled=not counts(made, by_origin[row.origin]),
        )
        for row in rows
        if row.origin in by_origin
    ]


def to_be_told(node: Node) -> set[str]:
    """Names of the members that are still to be told of a fork."""
    with reading(node.node_db) as connection:
        return set(connection.scalars(select(tables.fork_untold.c.node).distinct()))


def untold(node: Node, member: str) -> list[bytes]:
    """The proofs that a member is still to be told."""
    table = tables.fork_untold
    with reading(node.node_db) as connection:
        proofs = connection.scalars(
            select(tables.fork.c.proof)
            .join(table, tables.fork.c.digest == table.c.digest)
            .where(table.c.node == member)
        )
        return list(proofs)


def note_told(node: Node, member: str, proof: bytes) -> None:
    """A member knows of a proof."""
    digest = b64url(sha256(proof).digest())
    table = tables.fork_untold
    with writing(node.node_db) as connection:
        connection.execute(delete(table).where(table.c.digest == digest, table.c.node == member))


def _unsettled(connection: Connection, member: Member) -> Fork | None:
    proofs = connection.scalars(
        select(tables.fork.c.proof).where(tables.fork.c.origin == member.origin)
    )
    return next((made for one in proofs.all() if counts(made := read_fork(one), member)), None)
