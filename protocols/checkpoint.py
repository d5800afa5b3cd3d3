"""Checkpoints (C2SP tlog-checkpoint): a log's size and root, in a signed note."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from protocols.encoding import b64, from_b64
from protocols.errors import Malformed
from protocols.keys import Purpose, check_purpose
from protocols.merkle import EMPTY_ROOT, HASH_SIZE
from protocols.note import NoteSigner, NoteVerifier, open_note, sign_note

MAX_SIZE = 2**63 - 1
# A fork is proved by two of them, so two fit into a proof (`protocols.fork`).
MAX_CHECKPOINT = 16 * 1024
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """That the log named `origin` has `size` entries and this root."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The text that is signed. We write no extension lines."""
        return f"{self.origin}\n{self.size}\n{b64(self.root)}\n"


def sign_checkpoint(checkpoint: Checkpoint, *signers: NoteSigner) -> bytes:
    """The checkpoint as a note signed under the log's own name, by each of its keys."""
    for signer in signers:
        check_purpose(signer.key, Purpose.LOG)
        if signer.name != checkpoint.origin:
            raise Malformed(f"checkpoint: {signer.name} does not sign for {checkpoint.origin}")
    return sign_note(checkpoint.text, signers)


def open_checkpoint(note: bytes, origin: str, verifiers: Collection[NoteVerifier]) -> Checkpoint:
    """A verified checkpoint of the log `origin`.

    Raises UnknownKey or BadSignature as `open_note` does, Malformed when the text is no checkpoint
    or is one of another log, or when the note is longer than MAX_CHECKPOINT bytes.
    """
    if len(note) > MAX_CHECKPOINT:
        raise Malformed(f"checkpoint: more than {MAX_CHECKPOINT} bytes")
    checkpoint = parse_checkpoint(open_note(note, verifiers).text)
    if checkpoint.origin != origin:
        raise Malformed(f"checkpoint: of {checkpoint.origin[:99]!r} instead of {origin!r}")
    return checkpoint


def open_listed_checkpoint(note: bytes, verifiers: Collection[NoteVerifier]) -> Checkpoint:
    """A verified checkpoint of one of several logs: whichever it names, by that log's own keys.

    A verifier's name is the origin of its log. Raises as `open_checkpoint` does.
    """
    origin = note.partition(b"\n")[0].decode("utf-8", errors="replace")
    return open_checkpoint(note, origin, [one for one in verifiers if one.name == origin])


def parse_checkpoint(text: str) -> Checkpoint:
    """Read a note's text; extension lines are allowed and ignored. Raises Malformed."""
    checkpoint = parse_claim(text)
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise Malformed("checkpoint: the root of size 0 is not that of such a tree")
    return checkpoint


def parse_claim(text: str) -> Checkpoint:
    """The same, for who checks the root against others, where size 0 has any root as well."""
    origin, *rest = text[:-1].split("\n") if text.endswith("\n") else [""]
    if not origin or len(rest) < 2 or not all(rest):
        raise Malformed("checkpoint: needs three lines that are not empty")
    if not _SIZE.fullmatch(rest[0]) or int(rest[0]) > MAX_SIZE:
        raise Malformed("checkpoint: the size is not a decimal number below 2^63")
    size, root = int(rest[0]), from_b64(rest[1], "checkpoint root")
    if len(root) != HASH_SIZE:
        raise Malformed("checkpoint: the root is not a SHA-256 hash")
    return Checkpoint(origin, size, root)
