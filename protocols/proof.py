"""Offline proofs (C2SP tlog-proof) that an entry is in a log: one file, checked with keys alone.

The entry's bytes travel in the proof's extra data. They need no trust: what they hash to must lead
to the root that the log signed.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from protocols.checkpoint import MAX_SIZE, Checkpoint, open_listed_checkpoint
from protocols.encoding import b64, from_b64
from protocols.errors import Malformed
from protocols.merkle import HASH_SIZE, check_inclusion, leaf_hash
from protocols.note import NoteVerifier
from protocols.tiles import MAX_ENTRY

MAX_PROOF = 1_100_000
_HEADER = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
_LONGEST_PATH = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """That `entry` stands at `index` in the log whose signed checkpoint is the note `checkpoint`.

    `path` is the inclusion proof of RFC 6962 section 2.1.1, leaf's sibling first.
    """

    entry: bytes
    index: int
    path: tuple[bytes, ...]
    checkpoint: bytes


def encode_proof(proof: Proof) -> bytes:
    """The proof as a file of tlog-proof; raises Malformed for one that no reader would accept."""
    lines = [_HEADER, f"extra {b64(proof.entry)}", f"index {proof.index}", *map(b64, proof.path)]
    data = "".join(f"{line}\n" for line in lines).encode() + b"\n" + proof.checkpoint
    decode_proof(data)
    return data


def decode_proof(data: bytes) -> Proof:
    """Inverse of `encode_proof`. Raises Malformed; nothing is proved yet."""
    if len(data) > MAX_PROOF:
        raise Malformed(f"proof: more than {MAX_PROOF} bytes")
    head, _, checkpoint = data.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
    except UnicodeDecodeError as error:
        raise Malformed("proof: not ASCII before the checkpoint") from error
    if first != _HEADER:
        raise Malformed(f"proof: does not begin with the line {_HEADER}")
    if not lines or not lines[0].startswith("extra "):
        raise Malformed("proof: without the entry that it is for, as extra data")
    entry = from_b64(lines.pop(0).removeprefix("extra "), "proof's extra data")
    index = _INDEX.fullmatch(lines.pop(0)) if lines else None
    path = tuple(from_b64(line, "proof's hash") for line in lines)
    if index is None or int(index[1]) >= MAX_SIZE:
        raise Malformed("proof: needs a line 'index' with a decimal number below 2^63")
    if not 0 < len(entry) <= MAX_ENTRY:
        raise Malformed(f"proof: an entry has 1 to {MAX_ENTRY} bytes")
    if len(path) > _LONGEST_PATH or any(len(one) != HASH_SIZE for one in path):
        raise Malformed(f"proof: has more than {_LONGEST_PATH} hashes, or one not of SHA-256")
    return Proof(entry, int(index[1]), path, checkpoint)


def check_proof(proof: Proof, verifiers: Collection[NoteVerifier]) -> Checkpoint:
    """The checkpoint in which the proof's entry verifiably stands, signed by one of these keys.

    A verifier's name is the origin of its log. Raises what `open_listed_checkpoint` does, or
    NotIncluded. Who else signed the checkpoint, and when, is for the caller's policy.
    """
    checkpoint = open_listed_checkpoint(proof.checkpoint, verifiers)
    leaf = leaf_hash(proof.entry)
    check_inclusion(proof.index, leaf, checkpoint.size, checkpoint.root, proof.path)
    return checkpoint
