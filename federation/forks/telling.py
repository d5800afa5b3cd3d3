"""Between members: telling of a fork, and asking what another holds, so that one is found."""

from msgspec.json import Decoder

from federation.errors import PeerMisbehaved, PeerRefused
from federation.forks.finding import compare
from federation.forks.keeping import note_told, untold
from federation.node import Node
from federation.peers import Peer
from protocols.encoding import decode_json
from protocols.errors import Malformed, ProtocolError
from protocols.note import parse_note

_notes: Decoder[list[str]] = Decoder(list[str])


def tell_forks(node: Node, peer: Peer) -> None:
    """Tell a member of every fork that it was not told of. What it refuses, it is not told again.

    Raises FederationError where it does not answer; it is told later then.
    """
    for proof in untold(node, peer.member.node):
        try:
            peer.tell_fork(proof)
        except PeerRefused as error:
            if error.status not in (400, 404, 405):
                raise
        note_told(node, peer.member.node, proof)


def compare_with(node: Node, peer: Peer) -> int:
    """Compare what a member holds of every log with what we hold; gives how many forks that found.

    Raises FederationError.
    """
    try:
        notes = decode_json(peer.checkpoints(), _notes, "checkpoints")
    except Malformed as error:
        raise PeerMisbehaved(f"{peer.member.url}/checkpoints: is no list of notes") from error
    members = {member.origin: member for member in node.charter.members}
    found = 0
    for note in notes:
        try:
            # One of each log: no honest answer has more.
            member = members.pop(parse_note(note.encode()).text.split("\n", 1)[0], None)
        except ProtocolError:
            continue
        found += member is not None and compare(node, member, note.encode())
    return found
