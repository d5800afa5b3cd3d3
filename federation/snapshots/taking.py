"""The others' snapshots: the latest of each, verified, and gone when it is replaced or expires."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from msgspec.structs import replace

from federation.errors import FederationError, PeerRefused
from federation.node import Node
from federation.peers import Peer
from federation.snapshots import shelf
from federation.snapshots.shelf import Kept
from protocols.charter import Member
from protocols.errors import ProtocolError
from protocols.keys import Purpose
from protocols.snapshots import HeldSnapshot, Snapshot, open_snapshot, snapshot_digest


@dataclass(frozen=True, slots=True)
class Current:
    """A member's snapshot that holds now, or None; and why the latest that came was not taken."""

    snapshot: Snapshot | None
    trouble: str | None


def take_snapshot(node: Node, peer: Peer) -> bool:
    """Ask a peer for its snapshot, if it has another than the one that we hold; whether one came.

    What is in the way is kept, for people to see, and raised: any ProtocolError or FederationError.
    A peer that has none is in nobody's way.
    """
    name = peer.member.node
    kept = shelf.read(node, name)
    try:
        text = peer.snapshot(kept.number if kept.text else None)
        if text is None:
            if kept.trouble:
                _note_trouble(node, name, None)
            return False
        with shelf.alone(node):
            kept = shelf.read(node, name)
            said = _open(node, peer.member, text, node.now(), kept.held)
            shelf.write(node, name, Kept(said.number, snapshot_digest(text), text))
    except (ProtocolError, FederationError) as error:
        if isinstance(error, PeerRefused) and error.status == HTTPStatus.NOT_FOUND:
            return False
        _note_trouble(node, name, str(error))
        raise
    return True


def read_snapshots(node: Node) -> Mapping[str, Current]:
    """What every active member's snapshot says now, our own included."""
    members = {one.node: one for one in (node.member, *node.others())}
    return {
        name: _current(node, members[name], shelf.read(node, name))
        for name in shelf.members_kept(node)
        if name in members
    }


def destroy_expired(node: Node) -> int:
    """Destroy what has expired of the others' snapshots; gives how many that were."""
    destroyed = 0
    for name in shelf.members_kept(node):
        member = node.charter.member(name)
        kept = shelf.read(node, name)
        if name == node.name or kept.text is None:
            continue
        if member is None or _current(node, member, kept).snapshot is None:
            with shelf.alone(node):
                if shelf.read(node, name) == kept:
                    shelf.write(node, name, replace(kept, text=None))
                    destroyed += 1
    return destroyed


def _note_trouble(node: Node, name: str, trouble: str | None) -> None:
    with shelf.alone(node):
        shelf.write(node, name, replace(shelf.read(node, name), trouble=trouble))


def _current(node: Node, member: Member, kept: Kept) -> Current:
    if kept.text is None:
        return Current(None, kept.trouble)
    try:
        return Current(_open(node, member, kept.text, node.now(), None), kept.trouble)
    except ProtocolError as error:
        return Current(None, kept.trouble or str(error))


def _open(
    node: Node, member: Member, text: str, now: datetime, held: HeldSnapshot | None
) -> Snapshot:
    keys = {key.kid: key for key in member.keys_for(Purpose.ACCESS)}
    return open_snapshot(text, node=member.node, keys=keys.get, now=now, held=held)
