"""The witness protocol (C2SP tlog-witness): what is sent to add-checkpoint, and what is checked.

The trust logic of a witness alone, without network or database. It holds, of each log, the latest
checkpoint that it cosigned. `advance` takes the next one, or raises:

| what                                                       | raised                    | status |
|------------------------------------------------------------|---------------------------|--------|
| not in the form of the document; old size above the new    | Malformed                 | 400    |
| no signature by a key of the log; one that does not verify | UnknownKey, BadSignature  | 403    |
| old size is not that of what is held                       | SizeConflict              | 409    |
| the proof or the roots do not fit                          | Inconsistent              | 422    |

That the log is unknown (404) is for who holds the list of logs to say.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from protocols.checkpoint import MAX_SIZE, Checkpoint, parse_claim
from protocols.cosignature import Cosignature, Cosigner, cosignatures
from protocols.encoding import b64, from_b64
from protocols.errors import Malformed, SizeConflict, UnknownKey
from protocols.merkle import EMPTY_ROOT, HASH_SIZE, check_consistency
from protocols.note import NoteVerifier, ParsedNote, open_note, parse_note, parse_signature

MAX_PROOF = 63
MAX_ADD_CHECKPOINT = 65_536
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_CONFLICT = re.compile(rb"(0|[1-9][0-9]{0,18})\n")


@dataclass(frozen=True, slots=True)
class AddCheckpoint:
    """The body of add-checkpoint: the size that the witness holds, a proof from it, the note."""

    old: int
    proof: tuple[bytes, ...]
    note: bytes

    def encode(self) -> bytes:
        """The body as it is sent."""
        lines = [f"old {self.old}", *map(b64, self.proof), ""]
        return "".join(f"{line}\n" for line in lines).encode() + self.note

    @property
    def origin(self) -> str:
        """The log that the checkpoint claims to be of; raises Malformed."""
        return parse_note(self.note).text.split("\n", 1)[0]


def parse_add_checkpoint(body: bytes) -> AddCheckpoint:
    """Inverse of `encode`; raises Malformed. The note is not looked into."""
    if len(body) > MAX_ADD_CHECKPOINT:
        raise Malformed(f"add-checkpoint: more than {MAX_ADD_CHECKPOINT} bytes")
    head, blank, note = body.partition(b"\n\n")
    first, *hashes = head.decode("ascii", errors="replace").split("\n")
    old = _OLD.fullmatch(first)
    if not blank or not old or int(old[1]) > MAX_SIZE:
        raise Malformed("add-checkpoint: needs the old size, a proof, an empty line and a note")
    if len(hashes) > MAX_PROOF:
        raise Malformed(f"add-checkpoint: more than {MAX_PROOF} lines of proof")
    proof = tuple(from_b64(line, "add-checkpoint: proof") for line in hashes)
    if any(len(one) != HASH_SIZE for one in proof):
        raise Malformed("add-checkpoint: a line of the proof is no hash")
    return AddCheckpoint(int(old[1]), proof, note)


def advance(
    held: Checkpoint | None, asked: AddCheckpoint, verifiers: Collection[NoteVerifier]
) -> tuple[Checkpoint, str]:
    """What a witness that holds `held` of a log holds next, and the note's text, to be cosigned.

    `verifiers` are the keys of the log that the note claims to be of. For what is raised see above.
    """
    text = open_note(asked.note, verifiers).text
    checkpoint = parse_claim(text)
    if asked.old > checkpoint.size:
        raise Malformed(f"add-checkpoint: old size {asked.old}, for a size of {checkpoint.size}")
    size, root = (held.size, held.root) if held else (0, EMPTY_ROOT)
    if asked.old != size:
        raise SizeConflict(size)
    check_consistency(size, root, checkpoint.size, checkpoint.root, asked.proof)
    return checkpoint, text


def read_cosignatures(answer: bytes, note: bytes, cosigner: Cosigner) -> Cosignature:
    """The witness's cosignature on a note, from its answer to add-checkpoint.

    Lines by other keys are ignored. Raises UnknownKey when there is none by the witness's key,
    BadSignature when that does not verify, Malformed.
    """
    if len(answer) > MAX_ADD_CHECKPOINT or not answer.endswith(b"\n"):
        raise Malformed("add-checkpoint: the answer is not made of signature lines")
    # Never parsed together with the note: a blank line in the answer would move its text's end.
    lines = answer.decode("utf-8", errors="replace")[:-1].split("\n")
    claimed = ParsedNote(parse_note(note).text, tuple(parse_signature(line) for line in lines))
    for found in cosignatures(claimed, [cosigner]):
        return found
    raise UnknownKey(f"add-checkpoint: the answer has no cosignature by {cosigner.name}")


def read_conflict(answer: bytes) -> int:
    """The size in an answer of status 409; raises Malformed."""
    match = _CONFLICT.fullmatch(answer)
    if not match or int(match[1]) > MAX_SIZE:
        raise Malformed("add-checkpoint: the conflict names no size")
    return int(match[1])
