"""Looks in an emergency, in `node.db`: what was opened, why, who was told, and the finding."""

from sqlalchemy import Column, Date, Index, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

emergency_look = Table(
    "emergency_look",
    node_metadata,
    Column("id", String(32), primary_key=True),
    Column("authority", String(9), nullable=False, comment="whose record it is"),
    Column("record", String(60), nullable=False, comment="notice or placement, and its id"),
    Column("who", String(80), nullable=False, comment="as the audit names them"),
    Column("name", String(200), nullable=False),
    Column("reason", LargeBinary, nullable=False, comment="sealed"),
    Column("at", Utc, nullable=False),
    Column("review_by", Date, nullable=False),
    Column("told_at", Utc, comment="when those responsible were sent an email"),
    Column("finding", String(20)),
    Column("said", LargeBinary, comment="what the reviewer found, sealed"),
    Column("reviewed_by", String(200), comment="a name"),
    Column("reviewed_at", Utc),
    Index("emergency_look_open", "authority", "reviewed_at"),
)
