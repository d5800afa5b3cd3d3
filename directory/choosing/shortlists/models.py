"""Shortlists, in `node.db`. What is sealed, the vault opens; `values` says what it is."""

from sqlalchemy import Column, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

shortlist = Table(
    "shortlist",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random"),
    Column("authority", String(9), nullable=False, index=True, comment="that places"),
    Column("weighed", LargeBinary, nullable=False, comment="a Shortlist, sealed"),
    Column("made_by", String(200), nullable=False, comment="a name"),
    Column("made_at", Utc, nullable=False),
    Column("decided_at", Utc, comment="null: still open"),
)
