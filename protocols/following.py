"""Following another log: what must hold before anything that came from it is applied.

The trust logic alone, without network or database. What is held is a `Frontier` whose root was
verified. The rules:

1. A checkpoint is signed by a key that the charter names for that log, and that holds at its size
   (`open_member_checkpoint`). It agrees with every pin that the charter sets (`check_pin`). It is
   cosigned by the quorum of witnesses, where the charter names any (`policy.require_quorum`).
2. It is never smaller than what is held, and what is held is a prefix of it (`check_successor`;
   for a few new entries, `verify_batch` proves that together with them).
3. New entries are appended to what is held; the tree that results is a prefix of the checkpoint,
   or equal to it (`verify_batch`). Only then do they count.
4. A blob counts only if it is the one whose digest and size its entry names. A blob that is missing
   or wrong does not stop the log: the entry counts, its payload is wanting.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from msgspec import Struct

from protocols.checkpoint import Checkpoint, open_checkpoint
from protocols.entries import Entry, check_blob, decode_entry
from protocols.errors import (
    DigestMismatch,
    Inconsistent,
    Malformed,
    Rollback,
    UnknownKey,
    UnknownSchema,
)
from protocols.members import Member, Pin
from protocols.merkle import (
    Frontier,
    Node,
    Subtree,
    check_consistency,
    consistency_proof,
    leaf_hash,
)
from protocols.note import NoteVerifier
from protocols.records import Record, decode_record


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries that verifiably follow what was held, and what is held once they are applied."""

    start: int
    entries: list[bytes]
    held: Frontier
    subtrees: list[Subtree]


def open_member_checkpoint(note: bytes, member: Member) -> Checkpoint:
    """A checkpoint of a member's log, by a key that holds at its size.

    Raises what `open_checkpoint` does; UnknownKey also for an ended key that signed a larger one.
    """
    every = tuple(NoteVerifier(member.origin, key.key) for key in member.log_keys)
    checkpoint = open_checkpoint(note, member.origin, every)
    holding = member.log_verifiers_at(checkpoint.size)
    if len(holding) < len(every):
        try:
            open_checkpoint(note, member.origin, holding)
        except UnknownKey as error:
            raise UnknownKey(
                f"checkpoint of size {checkpoint.size}: signed only by a log key of {member.node} "
                "that, by the charter, does not hold at this size: it was ended, or began later"
            ) from error
    return checkpoint


def check_pin(checkpoint: Checkpoint, pin: Pin, node: Callable[[int], Node]) -> None:
    """Raise Inconsistent unless a checkpoint and what the charter pins are of one log.

    `node` gives hashes of the tree of a size; they need not be trusted.
    """
    old, new = sorted(((checkpoint.size, checkpoint.root), pin))
    if old[0] == new[0]:
        proof = []
    else:
        proof = consistency_proof(old[0], new[0], node(new[0]))
    check_consistency(*old, *new, proof)


def check_successor(held: Frontier, checkpoint: Checkpoint, node: Node) -> None:
    """Raise Rollback or Inconsistent unless `held` is a prefix of the checkpoint's tree.

    `node` gives hashes of the checkpoint's tree; they need not be trusted, since the proof made
    from them is checked.
    """
    check_later(Checkpoint(checkpoint.origin, held.size, held.root()), checkpoint, node)


def check_later(earlier: Checkpoint, checkpoint: Checkpoint, node: Node) -> None:
    """The same for an earlier checkpoint of that log: raises Rollback or Inconsistent."""
    if checkpoint.origin != earlier.origin:
        raise Inconsistent(f"checkpoints of two logs: {earlier.origin!r}, {checkpoint.origin!r}")
    if checkpoint.size < earlier.size:
        raise Rollback(f"checkpoint of size {checkpoint.size}, after {earlier.size} was verified")
    proof = consistency_proof(earlier.size, checkpoint.size, node)
    check_consistency(earlier.size, earlier.root, checkpoint.size, checkpoint.root, proof)


def verify_batch(
    held: Frontier, entries: Sequence[bytes], checkpoint: Checkpoint, node: Node
) -> Batch:
    """Append entries to what is held; raises Inconsistent unless the checkpoint's tree has them."""
    after, subtrees = held.extend(map(leaf_hash, entries))
    if after.size > checkpoint.size:
        raise Inconsistent(f"{after.size} entries for a checkpoint of size {checkpoint.size}")
    check_successor(after, checkpoint, node)
    return Batch(held.size, list(entries), after, subtrees)


class VerifiedEntry(Struct, frozen=True, gc=False):
    """A log entry in its place, with its payload.

    `entry` is None when the author wrote bytes that are no entry; they count for the tree alone.
    `blob` is None when there is no payload, or the payload is wanting. `record` is what the blob
    holds, or `unread` says why it is not to be read.
    """

    index: int
    raw: bytes
    entry: Entry | None
    blob: bytes | None
    record: Record | None = None
    unread: Malformed | UnknownSchema | None = None


def read_entry(index: int, raw: bytes, blob: bytes) -> VerifiedEntry:
    """Join a verified entry with the blob that came for it; an empty blob means there is none."""
    try:
        entry = decode_entry(raw, index)
    except Malformed:
        return VerifiedEntry(index, raw, None, None)
    if entry.op != "publish" or not blob:
        return VerifiedEntry(index, raw, entry, None)
    try:
        return VerifiedEntry(index, raw, entry, blob, decode_record(check_blob(entry, blob)))
    except DigestMismatch:
        return VerifiedEntry(index, raw, entry, None)
    except (Malformed, UnknownSchema) as error:
        return VerifiedEntry(index, raw, entry, blob, None, error.with_traceback(None))
