"""Restrictions in `node.db`, and who is named in each."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

restriction = Table(
    "restriction",
    node_metadata,
    Column("id", String(32), primary_key=True),
    Column("authority", String(9), nullable=False),
    Column("record", String(60), nullable=False, comment="notice or placement, and its id"),
    Column("reason", LargeBinary, nullable=False, comment="sealed"),
    Column("set_by", String(200), nullable=False, comment="a name"),
    Column("set_at", Utc, nullable=False),
    Column("lifted_by", String(200), comment="a name"),
    Column("lifted_at", Utc),
    Index("restriction_record", "authority", "record"),
)

restriction_named = Table(
    "restriction_named",
    node_metadata,
    Column("restriction", String(32), ForeignKey(restriction.c.id), primary_key=True),
    Column("who", String(80), primary_key=True, comment="as the audit names them"),
    Column("name", String(200), nullable=False),
)
