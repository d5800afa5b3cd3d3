"""Following a log whose author fails: other members hold it too, and show what they hold.

A mirror is trusted with nothing. What it shows counts only where the author signed it, as if it had
come from the author: a mirror that lies can delay, and no more. One that is behind us changes
nothing. What is wrong with a mirror is said of the mirror.

Mirrors are asked only where the author fails, a few by lot at a time; so a follower whose author is
away for long makes no more requests than it would have made of the author, times a small number.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from federation.errors import (
    FederationError,
    Overtaken,
    PayloadsWanting,
    PeerMisbehaved,
    PeerRefused,
    PeerUnreachable,
)
from federation.following import Progress, catch_up, follow, log_of, note_trouble, repair
from federation.node import Node
from federation.peers import Peer
from federation.sources import LogSource
from protocols.charter import Member
from protocols.errors import Malformed, ProtocolError, Rollback

ASKED = 3
"""How many mirrors a node that follows on and on asks in one turn."""
AWAY = (PeerUnreachable, PeerRefused, PeerMisbehaved, PayloadsWanting, Malformed)
"""How an author fails so that its log may be had elsewhere."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """A member's copy of the log of another."""

    member: str
    log: LogSource


@dataclass(frozen=True, slots=True)
class Followed:
    """How many entries came. `author_trouble` is None where the author gave them all; otherwise it
    says why a mirror had to.
    """

    applied: int
    author_trouble: str | None = None


def mirrors_of(author: str, peers: Iterable[Peer], most: int | None = None) -> list[Mirror]:
    """The copies that these peers may have of an author's log, in an order drawn by lot."""
    others = [peer for peer in peers if peer.member.node != author]
    asked = random.sample(others, min(len(others), most if most is not None else len(others)))
    return [Mirror(peer.member.node, peer.mirror(author)) for peer in asked]


def follow_anywhere(
    node: Node,
    member: Member,
    author: LogSource,
    mirrors: Sequence[Mirror],
    report: Callable[[Progress], None] = lambda _progress: None,
) -> Followed:
    """Catch up with a member's log from its author; where that fails, from mirrors of it.

    Raises what `follow` does where the author fails and no mirror could stand in.
    """
    start = log_of(node, member).size
    try:
        return Followed(follow(node, member, author, report))
    except AWAY as error:
        follow_mirrors(node, member, error, mirrors, report)
        return Followed(log_of(node, member).size - start, str(error))


def follow_mirrors(
    node: Node,
    member: Member,
    failed: Exception,
    mirrors: Sequence[Mirror],
    report: Callable[[Progress], None] = lambda _progress: None,
) -> int:
    """Catch up with a log from mirrors, since its author `failed`; gives how many entries came.

    The first mirror that has more than we held, and all that is wanting, is the last that is asked.
    What is wrong with one is kept with the log, beside the author's failure, which is raised again
    where no mirror could stand in.
    """
    start = log_of(node, member).size
    stood_in, said = False, [str(failed)]
    for mirror in mirrors:
        try:
            # From an author who gave no more than its payloads too few, all the entries have come.
            if not isinstance(failed, PayloadsWanting):
                catch_up(node, member, mirror.log, report)
            wanting = repair(node, member, mirror.log)
        except Overtaken:
            raise
        except (PeerUnreachable, PeerRefused, Rollback):
            continue  # away itself, or without this log, or behind us
        except (ProtocolError, FederationError) as error:
            said.append(f"The copy at {mirror.member}: {error}")
            continue
        if wanting:
            said.append(f"The copy at {mirror.member} lacks {wanting} payloads, or has others")
            continue
        stood_in = True
        if log_of(node, member).size > start or isinstance(failed, PayloadsWanting):
            break
    # Unless the author has come back meanwhile, or fails in another way.
    note_trouble(node, member, ". ".join(said), instead_of=str(failed))
    if not stood_in:
        raise failed
    return log_of(node, member).size - start
