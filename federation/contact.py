"""What is known of each peer beside its log: when it last answered, and what is in the way.

Failures that nobody sees end federations, so every turn to a peer leaves its trace here. It lies in
`replica.db`: it can be lost, and is known again a minute later.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from federation import tables
from federation.database import reading, writing
from federation.errors import FederationError
from federation.node import Node
from federation.peers import Peer
from federation.statements import upsert
from protocols.checkpoint import open_checkpoint
from protocols.errors import ProtocolError

_COUNTED = ("offered", "holds", "requests", "bytes_received")


@dataclass(frozen=True, slots=True)
class Contact:
    """A peer as it was last met.

    `ahead_s` is by how many seconds its clock is ahead of ours, `offered` how many entries its log
    had, `holds` how many of ours it had verified. None: it does not say; of `version`, it was not
    asked as by a member, and empty is what the first release says. `requests` are all that
    this node's workers have made to it, `bytes_received` the bodies of its answers as they came.
    """

    node: str
    answered_at: datetime | None
    ahead_s: int | None
    version: str | None
    problem: str | None
    problem_since: datetime | None
    offered: int
    holds: int
    requests: int
    bytes_received: int


def contacts(connection: Connection) -> dict[str, Contact]:
    """Every peer that was ever asked, by its name."""
    rows = connection.execute(select(tables.contact)).mappings()
    return {row["node"]: Contact(**row) for row in rows}


def note_contact(node: Node, peer: Peer, problem: Exception | None = None) -> None:
    """Keep what the last turn to a peer has shown: that it answered, or why not."""
    heard, traffic = peer.heard, peer.take_traffic()
    table = tables.contact.c
    new: dict[str, object] = {
        "problem": str(problem) if problem else None,
        "problem_since": node.now() if problem else None,
        "requests": traffic.requests,
        "bytes_received": traffic.bytes_received,
    }
    if heard:
        new |= {"answered_at": heard.at, "ahead_s": heard.ahead_s}
    if heard and heard.version is not None:
        new["version"] = heard.version
    again = new | {
        "problem_since": func.coalesce(table.problem_since, node.now()) if problem else None,
        "requests": table.requests + traffic.requests,
        "bytes_received": table.bytes_received + traffic.bytes_received,
    }
    _put(node, peer.member.node, new, again)


def note_offered(node: Node, author: str, size: int) -> None:
    """Keep how long a log is, before what is new of it is fetched."""
    _put(node, author, {"offered": size}, {"offered": size})


def look_what_it_holds(node: Node, peer: Peer, size: int) -> None:
    """Ask a peer how much of our log it has verified, unless it is known to have all `size`.

    It shows the newest of our own checkpoints that it holds, which nobody else can sign. One that
    has none, or whose software has no mirrors, is asked again the next time.
    """
    with reading(node.replica) as connection:
        known = contacts(connection).get(peer.member.node)
    if known and known.holds >= size:
        return
    try:
        note = peer.mirror(node.name).checkpoint()
        held = open_checkpoint(note, node.member.origin, node.member.log_verifiers).size
    except (FederationError, ProtocolError):
        return
    if known is None or held != known.holds:
        _put(node, peer.member.node, {"holds": held}, {"holds": held})


def _put(node: Node, name: str, new: dict[str, object], again: dict[str, object]) -> None:
    with writing(node.replica) as connection:
        row = dict.fromkeys(_COUNTED, 0) | new | {"node": name}
        put = upsert(connection, tables.contact).values(**row)
        connection.execute(put.on_conflict_do_update(index_elements=["node"], set_=again))
