"""One placement or child, for whoever has asked for rights and notes the look."""

from sqlalchemy import Connection, select

from directory.placing.register.errors import NoSuchChild, NoSuchPlacement
from directory.placing.register.models import child, placement
from directory.placing.register.rows import kept_placements, open_child, open_placements
from directory.placing.register.values import Kept, Whole
from federation import Node


def whole_placement(connection: Connection, node: Node, authority: str, number: str) -> Whole:
    """All of a placement, for whoever has asked for rights and notes the look. Raises
    NoSuchPlacement.
    """
    kept = kept_placement(connection, authority, number)
    facts = open_placements(connection, node, [number]).get(number)
    known = open_child(connection, node, kept.child)
    if facts is None or known is None:
        raise _none()
    return Whole(kept, known, facts)


def hold_placement(connection: Connection, authority: str, number: str) -> None:
    """Keep others from changing a placement until the transaction ends. Raises NoSuchPlacement."""
    held = select(placement.c.id).where(
        placement.c.id == number, placement.c.authority == authority
    )
    if connection.scalar(held.with_for_update()) is None:
        raise _none()


def kept_placement(connection: Connection, authority: str, number: str) -> Kept:
    """A placement without the child. Raises NoSuchPlacement."""
    found = kept_placements(
        connection, placement.c.id == number, placement.c.authority == authority
    )
    if not found:
        raise _none()
    return found[0]


def hold_child(connection: Connection, authority: str, number: str) -> None:
    """Keep others from changing a child until the transaction ends. Raises NoSuchChild."""
    held = select(child.c.id).where(child.c.id == number, child.c.authority == authority)
    if connection.scalar(held.with_for_update()) is None:
        raise NoSuchChild("There is no such child here, or the record was destroyed.")


def _none() -> NoSuchPlacement:
    return NoSuchPlacement("There is no such placement here, or it was destroyed.")
