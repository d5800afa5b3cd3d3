"""What waits for release follows an authority into the one that it was merged into: each record
names that one then, or else nobody could release it.
"""

import msgspec
from sqlalchemy import Connection, select, update

from directory.records.publishing.service import reference_of
from directory.records.release.held import TABLE, drop, open_record
from directory.records.release.models import held_record
from directory.security.vault.service import Vault
from federation import Node
from protocols.records import encode_record


def follow_held(connection: Connection, node: Node, gss: str, successor: str) -> None:
    """Make what waits, or was returned, of an authority its successor's, in the caller's
    transaction. What both have of one record, the successor keeps.
    """
    vault = Vault(connection, node)
    rows = connection.execute(select(held_record).where(held_record.c.authority == gss)).all()
    for row in rows:
        record = msgspec.structs.replace(open_record(vault, row), authority=successor)
        reference = reference_of(record)
        others = select(held_record.c.id).where(
            held_record.c.reference == reference, held_record.c.id != row.id
        )
        if connection.scalar(others):
            drop(connection, node, [row.id])
            continue
        sealed = vault.seal(TABLE, "record", row.id, encode_record(record))
        connection.execute(
            update(held_record)
            .where(held_record.c.id == row.id)
            .values(authority=successor, reference=reference, record=sealed)
        )
