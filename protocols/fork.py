"""Proof that a log was forked: two checkpoints that both count, and cannot be of one history.

Two of equal size have different roots. Of different sizes, the larger one's own tree proves which
root it has at the smaller size, by a consistency proof (RFC 6962 section 2.1.2); and it is another
than the smaller one's. So the proof needs no word of whoever found it, and convinces anyone who has
the log's keys.
"""

from collections.abc import Iterable
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.json import Decoder

from protocols.checkpoint import Checkpoint, parse_checkpoint
from protocols.encoding import b64url, decode_canonical, encode_canonical, from_b64url
from protocols.entries import Digest
from protocols.errors import Malformed, NoFork, ProtocolError
from protocols.following import open_member_checkpoint
from protocols.members import Member
from protocols.merkle import Node, check_consistency, consistency_proof, subtree_root
from protocols.note import NoteVerifier, open_note, parse_note

MAX_FORK = 131_072
_NOTE = Annotated[str, Meta(max_length=MAX_FORK)]


class Fork(Struct, frozen=True, forbid_unknown_fields=True):
    """Two notes of one log, the one of the smaller size first; and the root that the larger one's
    tree has at the smaller size, with the proof of it.
    """

    v: Literal[1]
    smaller: _NOTE
    larger: _NOTE
    prefix: Digest
    proof: Annotated[tuple[Digest, ...], Meta(max_length=63)]

    @property
    def checkpoints(self) -> tuple[Checkpoint, Checkpoint]:
        """What the two notes say; raises Malformed."""
        smaller, larger = (parse_note(note.encode()) for note in (self.smaller, self.larger))
        return parse_checkpoint(smaller.text), parse_checkpoint(larger.text)


_fork = Decoder(Fork)


def prove_fork(smaller: bytes, larger: bytes, node: Node) -> bytes:
    """The proof, from two notes and the hashes of the larger one's tree.

    Raises NoFork where there is none to be had: they agree, or the hashes are not that tree's.
    """
    first, second = (parse_checkpoint(parse_note(note).text) for note in (smaller, larger))
    if first.size > second.size:
        raise NoFork("fork: the larger note stands first")
    same = first.size == second.size
    root = second.root if same else subtree_root(0, first.size, node)
    proof = consistency_proof(first.size, second.size, node)
    hashes = tuple(map(b64url, proof))
    made = Fork(1, _signed_part(smaller), _signed_part(larger), b64url(root), hashes)
    _check_trees(made)
    return encode_canonical(made, _fork, "fork")


def read_fork(data: bytes) -> Fork:
    """Read a proof and check its trees, but no signature; raises Malformed or NoFork."""
    if len(data) > MAX_FORK:
        raise Malformed(f"fork: more than {MAX_FORK} bytes")
    made = decode_canonical(data, _fork, "fork")
    _check_trees(made)
    return made


def check_fork(data: bytes, verifiers: Iterable[NoteVerifier]) -> Fork:
    """Check a proof with keys of the log, whenever they held; raises UnknownKey or BadSignature
    where one of the notes is not the log's, and what `read_fork` does.
    """
    made, known = read_fork(data), tuple(verifiers)
    for note in (made.smaller, made.larger):
        open_note(note.encode(), known)
    return made


def counts(made: Fork, member: Member) -> bool:
    """Whether a proof is one against a member's log as the charter has it.

    Each note is by a key that holds at its size. The proof is settled once every key that signed
    them has ended: from then on the charter says which history those keys signed for.
    """
    for note in (made.smaller, made.larger):
        try:
            size = open_member_checkpoint(note.encode(), member).size
            holding = (one for one in member.log_keys if one.until is None and one.holds_at(size))
            open_note(note.encode(), [NoteVerifier(member.origin, one.key) for one in holding])
        except ProtocolError:
            return False
    return True


def _check_trees(made: Fork) -> None:
    smaller, larger = made.checkpoints
    if smaller.origin != larger.origin or smaller.size > larger.size:
        raise NoFork("fork: the notes are of two logs, or the larger stands first")
    root = from_b64url(made.prefix, "fork: root")
    if root == smaller.root:
        raise NoFork("fork: the larger tree begins with the smaller; they are of one history")
    proof = [from_b64url(one, "fork: proof") for one in made.proof]
    try:
        check_consistency(smaller.size, root, larger.size, larger.root, proof)
    except ProtocolError as error:
        raise NoFork("fork: that the larger tree begins otherwise is not proved") from error


def _signed_part(note: bytes) -> str:
    """The note with the signatures under the log's own name alone."""
    parsed = parse_note(note)
    origin = parsed.text.split("\n", 1)[0]
    lines = [one.line for one in parsed.signatures if one.name == origin]
    return f"{parsed.text}\n" + "".join(f"{line}\n" for line in lines)
