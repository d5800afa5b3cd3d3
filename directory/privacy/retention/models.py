"""The table of legal holds, in `node.db`. Why one was set or lifted is sealed."""

from sqlalchemy import Column, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

legal_hold = Table(
    "legal_hold",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random"),
    Column("authority", String(9), nullable=False, index=True, comment="GSS code"),
    Column("record", String(120), comment="kind and id, as in the audit; null: all of them"),
    Column("reason", LargeBinary, nullable=False, comment="sealed"),
    Column("set_by", String(200), nullable=False, comment="a name"),
    Column("set_at", Utc, nullable=False),
    Column("lifted_by", String(200), comment="a name"),
    Column("lifted_at", Utc),
    Column("lifted_reason", LargeBinary, comment="sealed"),
)
