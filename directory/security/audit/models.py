"""Tables of the audit, in `node.db`: rows in a chain, its head, and what was anchored of it."""

from sqlalchemy import Column, Index, Integer, LargeBinary, String, Table, Text

from directory.database import node_metadata
from federation import Utc

audit_row = Table(
    "audit_row",
    node_metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False, comment="from 1, without a gap"),
    Column("at", Utc, nullable=False),
    Column("who", String(120), nullable=False, comment="kind and id, such as person:17"),
    Column("who_name", String(200), nullable=False),
    Column("action", String(80), nullable=False),
    Column("authority", String(9), comment="GSS code of whose record; null: the node's"),
    Column("record", String(120), nullable=False, comment="kind and id, never a name"),
    Column("detail", Text, nullable=False),
    Column("reason", LargeBinary, comment="sealed; null: none was asked for"),
    Column("reason_digest", LargeBinary, comment="SHA-256 of the sealed reason"),
    Column("previous", LargeBinary, nullable=False, comment="hash of the row before"),
    Column("hash", LargeBinary, nullable=False),
    Index("audit_row_authority", "authority", "at"),
)

audit_head = Table(
    "audit_head",
    node_metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, comment="1: the only row"),
    Column("seq", Integer, nullable=False, comment="of the newest row; 0: none yet"),
    Column("hash", LargeBinary, nullable=False),
)

audit_anchor = Table(
    "audit_anchor",
    node_metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False, comment="of the row anchored"),
    Column("head", LargeBinary, nullable=False, comment="hash of that row"),
    Column("salt", LargeBinary, nullable=False, comment="32 random bytes"),
    Column("anchored_at", Utc, nullable=False),
)
