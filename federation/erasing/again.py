"""At a start: what was destroyed before, and a backup or a sudden death has left, is destroyed."""

from sqlalchemy import select

from federation import tables
from federation.database import reading, writing
from federation.erasing.by_charter import obey_charter
from federation.erasing.destroyed import read_destroyed
from federation.erasing.staging import DIGITS, destroy_own, file_of, finish_erasure
from federation.locks import hold
from federation.node import Node
from federation.sequencer import PUBLISH
from federation.statements import in_parts

_mine = tables.own_entry.c


def destroy_again(node: Node) -> int:
    """At a start, before anything is served: destroy what was erased and a backup has brought back,
    and what the charter says; gives how many payloads of our own log came back.

    The entry that names them may be lost as well, so they are named once more. Raises UnsafeKeys.
    """
    noted = [int(one, 16) for one in read_destroyed(file_of(node), DIGITS)]
    back: list[int] = []
    with reading(node.node_db) as connection:
        for part in in_parts(noted):
            back += connection.scalars(
                select(_mine.idx).where(_mine.idx.in_(part), _mine.blob.is_not(None))
            )
    if back:
        with writing(node.node_db) as connection:
            hold(connection, PUBLISH)
            destroy_own(connection, node, "erased", sorted(back))
        finish_erasure(node, back)
    obey_charter(node)
    return len(back)
