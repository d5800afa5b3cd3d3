"""What was destroyed, noted beside the keys, so that a restored backup brings nothing back.

The file `erased` holds one line for each data key that was deleted, its id alone. It is only ever
added to, and belongs into every backup of the keys.
"""

from collections.abc import Collection
from pathlib import Path

from sqlalchemy import delete, select

from directory.security.vault.epochs import keys_of
from directory.security.vault.models import data_key
from federation import (
    Node,
    add_destroyed,
    forget_deleted,
    in_parts,
    read_destroyed,
    reading,
    writing,
)

DIGITS = 32


def note_erasures(keys: Path, ids: Collection[str]) -> None:
    """Add these data keys' ids; on disk before this returns."""
    add_destroyed(keys / "erased", ids)


def replay_erasures(node: Node) -> int:
    """Delete every data key that was destroyed and is here again; gives how many were.

    Before anything of a database is served, so that a backup brings nothing back. Raises
    UnsafeKeys when the file is damaged.
    """
    back: list[str] = []
    with reading(node.node_db) as connection:
        for part in in_parts(read_destroyed(keys_of(node) / "erased", DIGITS)):
            back += connection.scalars(select(data_key.c.id).where(data_key.c.id.in_(part)))
    if back:
        with writing(node.node_db) as connection:
            for part in in_parts(back):
                connection.execute(delete(data_key).where(data_key.c.id.in_(part)))
        forget_deleted(node.node_db)
    return len(back)
