"""Clauses of sections 3 and 9.1: what a node shows that is not its own: charter, and others' logs.

They need the charter, which names whose it is.
"""

from federation.charter.chain import Kept, read_chain
from federation.conformance.clause import Broken, NotAsked, clause
from federation.conformance.log_of import LogOf
from federation.conformance.visit import Visit
from federation.sources import mirror_prefix
from protocols.charter import charter_digest, decode_charter
from protocols.errors import ProtocolError
from protocols.members import Member
from protocols.merkle import subtree_root
from protocols.note import MAX_NOTE, open_note
from protocols.tiles import node_reader

_MOST_VERSIONS = 100
_MOST_MIRRORS = 3


@clause("3/charter")
def charter(visit: Visit) -> None:
    """The charter that is shown is the one that was given, or one that follows it by its rules,
    each version where its number says.
    """
    ours = _chain(visit)
    shown = _note(visit, "charter")
    try:
        last = decode_charter(shown).version
        if last < len(ours) or last > len(ours) + _MOST_VERSIONS:
            raise Broken("3/charter", f"it is version {last}, and {len(ours)} was given")
        notes = [_note(visit, f"charter/{version}") for version in range(1, last + 1)]
        theirs = read_chain(b"".join(notes))
    except ProtocolError as error:
        raise Broken("3/charter", str(error)) from error
    if (
        theirs[-1].digest != charter_digest(shown)
        or theirs[len(ours) - 1].digest != ours[-1].digest
    ):
        raise Broken("3/charter", "it is another than the one that was given")


@clause("9.1/mirror")
def mirror(visit: Visit) -> None:
    """A log of another member that is shown is that member's: its checkpoint is signed by the
    author's key, and the tiles lead to the root that it names.
    """
    others = [one for one in _chain(visit)[-1].charter.members if one.url != visit.url]
    if not [one for one in others[:_MOST_MIRRORS] if _mirrored(visit, one)]:
        raise NotAsked("this node holds no other log yet")


def _mirrored(visit: Visit, author: Member) -> bool:
    """Whether the node shows an author's log; Broken where it shows another."""
    prefix = mirror_prefix(author.node)
    answer = visit.get(f"{prefix}/checkpoint", MAX_NOTE)
    if answer.status == 404:
        return False
    log = LogOf(visit, prefix)
    try:
        size = log.head.size
        open_note(log.checkpoint.body, author.log_verifiers_at(size))
        root = subtree_root(0, size, node_reader(size, log.tile))
    except (Broken, ProtocolError) as error:
        raise Broken("9.1/mirror", f"{prefix}: {error}") from error
    if root != log.head.root or log.head.origin != author.origin:
        raise Broken("9.1/mirror", f"{prefix}: is not the log that its checkpoint names")
    return True


def _chain(visit: Visit) -> tuple[Kept, ...]:
    if not visit.charters:
        raise NotAsked("only who has the charter can ask: give it")
    return visit.charters


def _note(visit: Visit, path: str) -> bytes:
    answer = visit.get(path, MAX_NOTE)
    if answer.status != 200:
        raise Broken("3/charter", f"{path}: answered {answer.status}")
    return answer.body


SHARED = (charter, mirror)
