"""Our own snapshot: signed anew whenever it changes, and before it expires.

Its number is one more than the last, or the seconds since 1970 if that is more: so a node that was
restored, and knows of no last one, uses no number again as long as its clock is right.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec
from msgspec.json import Decoder

from federation.node import Node
from federation.snapshots import shelf
from federation.snapshots.shelf import Kept
from protocols.encoding import decode_canonical, from_b64url
from protocols.errors import ProtocolError
from protocols.keys import Purpose
from protocols.records import schema_of
from protocols.snapshots import Snapshot, open_snapshot, sign_snapshot, snapshot_digest

_snapshot = Decoder(Snapshot)

LIFE = timedelta(hours=24)
RENEWED = timedelta(hours=8)


def issue_snapshot(node: Node, sections: Sequence[msgspec.Raw]) -> int:
    """Put these sections in the place of all that our snapshot says; gives its number.

    Raises Malformed.
    """
    with shelf.alone(node):
        return _issue(node, tuple(sections))


def change_section(
    node: Node, schema: str, change: Callable[[Snapshot | None], msgspec.Raw | None]
) -> int:
    """Put what `change` makes of our snapshot in the place of its section of a schema, and leave
    the others as they are; gives the snapshot's number. Nobody changes it meanwhile. Where the
    section stays the same byte for byte, so does the snapshot. Raises Malformed, and what `change`
    does.
    """
    with shelf.alone(node):
        before = _read(shelf.read(node, node.name))
        sections = {
            schema_of(bytes(one), "snapshot"): one for one in (before.sections if before else ())
        }
        made = change(before)
        kept = sections.pop(schema, None)
        if (kept and bytes(kept)) == (made and bytes(made)):
            return before.number if before else 0
        return _issue(node, (*sections.values(), *([made] if made else [])))


def renew_snapshot(node: Node) -> bool:
    """Sign what our snapshot says once more, if it is time; whether it was."""
    with shelf.alone(node):
        kept = shelf.read(node, node.name)
        snapshot = _read(kept)
        if snapshot is None or (node.now() - snapshot.issued < RENEWED and _holds(node, kept)):
            return False
        _issue(node, snapshot.sections)
        return True


def own_snapshot(node: Node) -> Snapshot | None:
    """What our snapshot says; None before the first."""
    return _read(shelf.read(node, node.name))


def own_number(node: Node) -> int:
    """The number of our snapshot; 0 before the first."""
    return shelf.read(node, node.name).number


def served_snapshot(node: Node) -> Kept | None:
    """Our snapshot as members get it; None where there is none that holds now."""
    kept = shelf.read(node, node.name)
    snapshot = _read(kept)
    return kept if snapshot and node.now() < snapshot.expires else None


def _issue(node: Node, sections: tuple[msgspec.Raw, ...]) -> int:
    now = node.now().replace(microsecond=0)
    last = shelf.read(node, node.name).number
    number = max(last + 1, int(now.timestamp()))
    snapshot = Snapshot(1, node.name, number, now, now + LIFE, sections)
    text = sign_snapshot(snapshot, node.access_key())
    shelf.write(node, node.name, Kept(number, snapshot_digest(text), text))
    return number


def _holds(node: Node, kept: Kept) -> bool:
    """Whether members take it: not once the key that signed it has been replaced."""
    keys = {key.kid: key for key in node.member.keys_for(Purpose.ACCESS)}
    try:
        open_snapshot(kept.text or "", node=node.name, keys=keys.get, now=node.now())
    except ProtocolError:
        return False
    return True


def _read(kept: Kept) -> Snapshot | None:
    if kept.text is None:
        return None
    return decode_canonical(from_b64url(kept.text.split(".")[1], "snapshot"), _snapshot, "snapshot")
