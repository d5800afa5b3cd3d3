"""Checking all that a node holds, from the bytes up, as if nothing had been verified before."""

from dataclasses import dataclass

from sqlalchemy import Connection, Table, select

from federation import tables
from federation.database import reading
from federation.errors import ForkRefused
from federation.node import Node
from federation.sequencer import refuse_fork
from federation.tables import Payload
from protocols.charter import Member
from protocols.errors import Inconsistent, ProtocolError
from protocols.following import open_member_checkpoint, read_entry
from protocols.merkle import Frontier, Subtree, leaf_hash

_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class Audited:
    """A log in one of the two databases. `problem` is None when all of it is sound."""

    node: str
    database: str
    size: int
    payloads: int
    problem: str | None


def audit_logs(node: Node) -> list[Audited]:
    """Our own log in `node.db`, and every log in `replica.db`.

    Recomputes each tree from the entries, compares it with what is noted and with the signed
    checkpoint, and recomputes the digest of every payload held.
    """
    with reading(node.node_db) as connection:
        audited = audit_own_log(connection, node)
    with reading(node.replica) as connection:
        return audited + _audit(connection, node, "replica.db", own=False)


def audit_own_log(connection: Connection, node: Node) -> list[Audited]:
    """Our own log in `node.db`, and whether it is the one that was signed."""
    audited = _audit(connection, node, "node.db", own=True)
    try:
        refuse_fork(connection, node)
    except ForkRefused as error:
        audited.append(Audited(node.name, "keys/high-water", 0, 0, str(error)))
    return audited


def _audit(connection: Connection, node: Node, database: str, *, own: bool) -> list[Audited]:
    log = tables.own_log if own else tables.log
    return [
        _audit_log(connection, node.charter.member(row["node"]), database, dict(row), own=own)
        for row in connection.execute(select(log).order_by(log.c.node)).mappings().all()
    ]


def _audit_log(
    connection: Connection,
    member: Member | None,
    database: str,
    log: dict[str, object],
    *,
    own: bool,
) -> Audited:
    entry = tables.own_entry if own else tables.entry
    frontier, payloads, broken = Frontier(), 0, None
    subtrees: list[Subtree] = []
    rows = connection.execute(
        select(entry).where(entry.c.log == log["id"]).order_by(entry.c.idx),
        execution_options={"yield_per": _CHUNK},
    ).mappings()
    for chunk in rows.partitions():
        frontier, complete = frontier.extend(leaf_hash(row["raw"]) for row in chunk)
        subtrees += complete
        for row in chunk:
            if row["payload"] == Payload.HELD:
                payloads += 1
                if read_entry(row["idx"], row["raw"], row["blob"] or b"").blob is None:
                    broken = broken or f"entry {row['idx']}: the payload is not what the log names"
    noted = _subtrees(connection, tables.own_subtree if own else tables.subtree, log["id"])
    if noted != set(subtrees):
        broken = broken or "the hashes noted for its tiles are not those of the entries"
    problem = _compare(frontier, member, log) or broken
    return Audited(str(log["node"]), database, frontier.size, payloads, problem)


def _subtrees(connection: Connection, table: Table, log: object) -> set[Subtree]:
    rows = connection.execute(select(table).where(table.c.log == log))
    return {Subtree(row.level, row.idx, row.hash) for row in rows}


def _compare(frontier: Frontier, member: Member | None, log: dict[str, object]) -> str | None:
    if (frontier.size, frontier.pack()) != (log["size"], log["frontier"]):
        return "the entries do not give the tree that was noted"
    note = log["checkpoint"]
    if member is None or not isinstance(note, bytes):
        return None
    try:
        checkpoint = open_member_checkpoint(note, member)
        if checkpoint.size == frontier.size and checkpoint.root != frontier.root():
            raise Inconsistent("the entries do not give the root that was signed")
    except ProtocolError as error:
        return str(error)
    return None
