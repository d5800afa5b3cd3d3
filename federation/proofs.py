"""Making offline proofs of what this node holds, for anybody to check without it."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from federation import tables
from federation.errors import NothingToProve
from federation.store import FollowedLog, HeldLog
from protocols.checkpoint import parse_checkpoint
from protocols.merkle import inclusion_proof
from protocols.note import parse_note
from protocols.proof import Proof, encode_proof


@dataclass(frozen=True, slots=True)
class Proved:
    """A file of tlog-proof for an entry, and the entry's payload, if this node holds it."""

    proof: bytes
    payload: bytes | None


def prove(connection: Connection, log: FollowedLog, index: int) -> Proved:
    """Prove, from `replica.db`, that an entry is in a followed log.

    The proof leads to the latest checkpoint that was verified, with the cosignatures that it came
    with. Raises NothingToProve where none covers such an entry.
    """
    row = connection.execute(
        select(tables.entry.c.raw, tables.entry.c.blob).where(
            tables.entry.c.log == log.id, tables.entry.c.idx == index
        )
    ).one_or_none()
    size = parse_checkpoint(parse_note(log.checkpoint).text).size if log.checkpoint else 0
    if row is None or log.checkpoint is None or index >= size:
        raise NothingToProve(
            f"No checkpoint of {log.node} that this node has verified covers its entry {index}: it "
            f"has verified {size} entries. Run 'hearth sync' and try again."
        )
    path = inclusion_proof(index, size, HeldLog(connection, log.id, own=False).node(size))
    proof = Proof(row.raw, index, tuple(path), log.checkpoint)
    return Proved(encode_proof(proof), row.blob)
