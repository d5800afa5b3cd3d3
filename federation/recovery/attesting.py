"""How far our own log is known elsewhere: the members' copies of it, asked before we sign.

The high-water mark beside the keys says how far this log was signed. It may itself be an old copy,
from the same backup as the database. What our key has signed and a member holds is proof against
both: a checkpoint that is larger than the mark raises it, and a database that is behind it, or has
another history, signs nothing. A member can make up none; it can only withhold what it has.

Where the charter names no witnesses, at least half of the members that are asked have to answer,
once for each start of the machine: so an old state of keys and database together is found out, and
until then what is published stays staged. Before anything was ever signed nobody can know more.
"""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from time import monotonic

from federation.database import reading, writing
from federation.errors import FederationError, ForkRefused, MembersWanting, PeerRefused
from federation.high_water import HighWater
from federation.locks import hold
from federation.node import Node
from federation.peers import Peer
from federation.recovery.vouched import is_vouched_for, note_vouched_for
from federation.sequencer import PUBLISH, held_root, held_size, refuse_fork
from federation.sources import RemoteLog
from federation.store import published_size
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


@dataclass(slots=True)
class Answers:
    """What members said when they were asked for their copies of our log, the longest copy first;
    `answered` counts also those that hold none.
    """

    copies: list[Copy] = field(default_factory=list)
    answered: int = 0


def attest(node: Node, peers: Sequence[Peer] | None = None) -> None:
    """Ask members for our log's checkpoint; raise ForkRefused where signing could fork it, and
    MembersWanting where too few answer to know.

    Whoever does not answer within seconds is passed over. `peers` are closed by who made them.
    """
    asked = list(peers) if peers is not None else [Peer(node, one) for one in node.others()]
    drawn = random.sample(asked, min(ASKED, len(asked)))
    try:
        said = ask_for_copies(node, drawn, PATIENCE_S)
    finally:
        for peer in asked if peers is None else ():
            peer.close()
    check_copies(node, said.copies)
    if 2 * said.answered >= len(drawn) or _nothing_was_signed(node):
        note_vouched_for(node)
    elif node.charter.committee is None and not is_vouched_for(node):
        with reading(node.node_db) as connection:
            refuse_fork(connection, node)  # where waiting for them would not help
        raise MembersWanting(
            f"only {said.answered} of {len(drawn)} other members answer, since this machine was "
            "started, and without half of them nobody can say whether this node's data is its "
            "latest. Nothing is signed until they have; what is staged waits, and is published then"
        )


def ask_for_copies(node: Node, peers: Sequence[Peer], patience_s: float) -> Answers:
    """What these members hold of our log; without those that do not answer in time, or show what
    our key did not sign.
    """
    copies: list[Copy] = []
    without: list[str] = []

    def ask(peer: Peer) -> None:
        log = peer.mirror(node.name)
        try:
            note = log.checkpoint()
            checkpoint = open_member_checkpoint(note, node.member)
            copies.append(Copy(peer.member.node, checkpoint, note, log))
        except PeerRefused as error:
            if error.status == HTTPStatus.NOT_FOUND:
                without.append(peer.member.node)
        except (ProtocolError, FederationError):
            return

    # Threads that the process need not wait for at its end: a peer may drip for a minute.
    threads = [threading.Thread(target=ask, args=(peer,), daemon=True) for peer in peers]
    deadline = monotonic() + patience_s
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, deadline - monotonic()))
    longest_first = sorted(copies, key=lambda copy: copy.checkpoint.size, reverse=True)
    return Answers(longest_first, len(longest_first) + len(without))


def _nothing_was_signed(node: Node) -> bool:
    """Whether this is the first start of a node, as far as it knows itself."""
    if node.high_water() is not None:
        return False
    with reading(node.node_db) as connection:
        return published_size(connection) is None


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
