"""What other authorities have counted of the notices between them and ours, and what we have told
them of our own counts, in `node.db`.
"""

from sqlalchemy import Column, Integer, String, Table

from directory.database import node_metadata
from federation import Utc

notice_count = Table(
    "notice_count",
    node_metadata,
    Column("authority", String(9), primary_key=True, comment="ours, GSS code"),
    Column("other", String(9), primary_key=True, comment="who counted"),
    Column("quarter", String(7), primary_key=True, comment="such as 2026-Q3"),
    Column("side", String(8), primary_key=True, comment="what it counted: sent or received"),
    Column("on_time", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("later", Integer, nullable=False),
    Column("acknowledged", Integer, nullable=False),
    Column("counted_at", Utc, nullable=False),
)

notice_count_told = Table(
    "notice_count_told",
    node_metadata,
    Column("authority", String(9), primary_key=True, comment="ours, GSS code"),
    Column("other", String(9), primary_key=True, comment="who was told"),
    Column("quarter", String(7), primary_key=True, comment="such as 2026-Q3"),
    Column("side", String(8), primary_key=True, comment="what we counted: sent or received"),
    Column("on_time", Integer, nullable=False),
    Column("late", Integer, nullable=False),
    Column("later", Integer, nullable=False),
    Column("acknowledged", Integer, nullable=False),
    Column("told_at", Utc, nullable=False),
)
