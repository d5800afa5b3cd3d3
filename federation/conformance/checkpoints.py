"""Clauses of section 4: the checkpoint is a note that the log's key signed, and never goes back."""

from federation.conformance.clause import Broken, NotAsked, clause
from federation.conformance.visit import Visit
from protocols.checkpoint import Checkpoint, parse_checkpoint
from protocols.errors import BadSignature, Malformed, ProtocolError, QuorumMissing, UnknownKey
from protocols.following import check_later
from protocols.note import open_note
from protocols.policy import require_quorum
from protocols.tiles import node_reader

READS = 2


@clause("4.1/note")
def note(visit: Visit) -> None:
    """The checkpoint is a signed note: text, an empty line, and signature lines, each of an em
    dash, a key name and base64 in its one spelling.
    """
    _opened(visit, visit.log.checkpoint.body)


@clause("4.1/key-id")
def key_id(visit: Visit) -> None:
    """A signature line bears the log's key name and the id of the key that the charter names."""
    _opened(visit, visit.log.checkpoint.body)


@clause("4.1/signature")
def signature(visit: Visit) -> None:
    """The log's signature verifies over the text of the note, its last newline included."""
    _opened(visit, visit.log.checkpoint.body)


@clause("4.2/checkpoint")
def checkpoint(visit: Visit) -> None:
    """The text is an origin, a size in decimal and a root, and has no further lines."""
    if not visit.log.checkpoint.body.startswith(visit.log.head.text.encode() + b"\n"):
        raise Broken("4.2/checkpoint", "there are lines after the root")


@clause("4.2/origin")
def origin(visit: Visit) -> None:
    """The origin in the first line is the name of the log's key."""
    if visit.log.head.origin not in {one.name for one in visit.verifiers}:
        raise Broken("4.2/origin", f"it is {visit.log.head.origin[:99]!r}")


@clause("4.2/append-only")
def append_only(visit: Visit) -> None:
    """Read again, the checkpoint is the same, or of a log that has grown: it never goes back, and
    what it said before is a prefix of what it says now.
    """
    before = _opened(visit, visit.log.checkpoint.body)
    for _ in range(READS):
        after = _opened(visit, visit.log.read_checkpoint().body)
        try:
            check_later(before, after, node_reader(after.size, visit.log.tile))
        except ProtocolError as error:
            raise Broken("4.2/append-only", str(error)) from error
        before = after


@clause("4.3/quorum")
def quorum(visit: Visit) -> None:
    """Where the charter names a committee, the checkpoint bears the cosignatures of its quorum, and
    each by one of its witnesses verifies.
    """
    committee = visit.charters[-1].charter.committee if visit.charters else None
    if committee is None:
        raise NotAsked("no charter was given that names witnesses")
    try:
        require_quorum(visit.log.checkpoint.body, committee)
    except Malformed as error:
        raise Broken("4.1/note", str(error)) from error
    except (BadSignature, QuorumMissing) as error:
        raise Broken("4.3/quorum", str(error)) from error


def _opened(visit: Visit, body: bytes) -> Checkpoint:
    """What a signed checkpoint says; the clause that does not hold is the one for what is wrong."""
    try:
        text = open_note(body, visit.verifiers).text
    except Malformed as error:
        raise Broken("4.1/note", str(error)) from error
    except UnknownKey as error:
        wanted = ", ".join(one.vkey for one in visit.verifiers)
        raise Broken("4.1/key-id", f"no signature line is by {wanted}") from error
    except BadSignature as error:
        raise Broken("4.1/signature", str(error)) from error
    try:
        return parse_checkpoint(text)
    except Malformed as error:
        raise Broken("4.2/checkpoint", str(error)) from error


CHECKPOINTS = (note, key_id, signature, checkpoint, origin, append_only, quorum)
