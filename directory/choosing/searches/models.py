"""Searches, in `node.db`. The vault opens what is sealed; `values` says what it is."""

from sqlalchemy import Column, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

saved_search = Table(
    "saved_search",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random"),
    Column("person", String(80), nullable=False, index=True, comment="whose it is, as the audit"),
    Column("saved", LargeBinary, nullable=False, comment="a SavedSearch, sealed"),
    Column("made_at", Utc, nullable=False),
)
