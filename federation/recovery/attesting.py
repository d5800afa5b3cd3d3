"""How far our own log is known elsewhere: the members' copies of it, asked before we sign.

The high-water mark beside the keys says how far this log was signed. It may itself be an old copy,
from the same backup as the database. What our key has signed and a member holds is proof against
both: a checkpoint that is larger than the mark raises it, and a database that is behind it, or has
another history, signs nothing. A member can make up none; it can only withhold what it has.
"""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from federation.database import writing
from federation.errors import FederationError, ForkRefused
from federation.high_water import HighWater
from federation.locks import hold
from federation.node import Node
from federation.peers import Peer
from federation.sequencer import PUBLISH, held_root, held_size
from federation.sources import RemoteLog
from protocols.checkpoint import Checkpoint
from protocols.errors import ProtocolError
from protocols.following import open_member_checkpoint

PATIENCE_S = 10.0
ASKED = 16
"""How many members are asked before the first signature, drawn by lot where there are more."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A member's copy of our log, as far as our own key has signed it."""

    member: str
    checkpoint: Checkpoint
    note: bytes
    log: RemoteLog


def attest(node: Node, peers: Sequence[Peer] | None = None) -> None:
    """Ask members for our log's checkpoint; raise ForkRefused where signing could fork it.

    Whoever does not answer within seconds is passed over. `peers` are closed by who made them.
    """
    asked = list(peers) if peers is not None else [Peer(node, one) for one in node.others()]
    drawn = random.sample(asked, min(ASKED, len(asked)))
    try:
        check_copies(node, ask_for_copies(node, drawn, PATIENCE_S))
    finally:
        for peer in asked if peers is None else ():
            peer.close()


def ask_for_copies(node: Node, peers: Sequence[Peer], patience_s: float) -> list[Copy]:
    """What these members hold of our log, the longest first; without those that do not answer in
    time, hold none, or show what our key did not sign.
    """
    copies: list[Copy] = []

    def ask(peer: Peer) -> None:
        log = peer.mirror(node.name)
        try:
            note = log.checkpoint()
            checkpoint = open_member_checkpoint(note, node.member)
            copies.append(Copy(peer.member.node, checkpoint, note, log))
        except (ProtocolError, FederationError):
            return

    # Threads that the process need not wait for at its end: a peer may drip for a minute.
    threads = [threading.Thread(target=ask, args=(peer,), daemon=True) for peer in peers]
    deadline = monotonic() + patience_s
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    return sorted(copies, key=lambda copy: copy.checkpoint.size, reverse=True)


def check_copies(node: Node, copies: Sequence[Copy]) -> None:
    """Raise the high-water mark to what members hold, or ForkRefused.

    Where there is no mark, it is theirs only if more than half of the other members show a copy:
    then nobody else can hold much more.
    """
    if not copies:
        return
    longest = copies[0]
    with writing(node.node_db) as connection:
        hold(connection, PUBLISH)
        for copy in copies:
            size, root = copy.checkpoint.size, copy.checkpoint.root
            if size <= held_size(connection) and held_root(connection, size) != root:
                raise ForkRefused(
                    f"{copy.member} holds {size} entries of our log, signed by our key, that are "
                    "not those of this database: the log was forked. Nothing is signed. Tell the "
                    "other members; a new charter has to say which history counts"
                )
        mark = node.high_water()
        if mark is None and not is_majority(node, copies):
            if held_size(connection) < longest.checkpoint.size:
                raise ForkRefused(
                    f"{longest.member} holds {longest.checkpoint.size} entries of our log, and "
                    f"this database {held_size(connection)}; and the high-water mark is missing "
                    "from the keys. Run 'hearth recover'; nothing is signed until then"
                )
            return
        if mark is None or mark.size < longest.checkpoint.size:
            node.raise_high_water(HighWater(longest.checkpoint.size, longest.checkpoint.root))


def is_majority(node: Node, copies: Sequence[Copy]) -> bool:
    """Whether more than half of the other members show a copy of our log."""
    return 2 * len(copies) > len(node.others())
