"""Chunks of attachments in `node.db`, sealed: those that wait to leave, and those that came."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table

from federation.database import Utc
from federation.tables import node_metadata

outgoing_chunk = Table(
    "outgoing_chunk",
    node_metadata,
    Column("message", String(32), primary_key=True, comment="in the outbox"),
    Column(
        "number", Integer, primary_key=True, autoincrement=False, comment="of its chunks, from 0"
    ),
    Column("digest", String(43), nullable=False),
    Column("held_at", Utc, comment="when the recipient's node said that it has it"),
    Column("sealed", LargeBinary, nullable=False),
)

arrived_chunk = Table(
    "arrived_chunk",
    node_metadata,
    Column("node", String(63), primary_key=True, comment="the member that delivered it"),
    Column("digest", String(43), primary_key=True),
    Column("arrived_at", Utc, nullable=False),
    Column("message", String(42), index=True, comment="sender/id; null: none has named it yet"),
    Column("sealed", LargeBinary, nullable=False),
)
_unused = arrived_chunk.c.message.is_(None)
Index("arrived_chunk_by_day", arrived_chunk.c.node, arrived_chunk.c.arrived_at)
Index("arrived_chunk_unused", arrived_chunk.c.node, sqlite_where=_unused, postgresql_where=_unused)
