"""What is being imported and was, and what the columns of sheets mean, in `node.db`."""

from sqlalchemy import Column, Date, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

import_draft = Table(
    "import_draft",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random"),
    Column("authority", String(9), nullable=False, index=True),
    Column("made_by", String(200), nullable=False, comment="the principal's id"),
    Column("body", LargeBinary, nullable=False, comment="a Draft, sealed"),
    Column("made_at", Utc, nullable=False),
)

sheet_mapping = Table(
    "import_mapping",
    node_metadata,
    Column("authority", String(9), primary_key=True),
    Column("headings", String(64), primary_key=True, comment="SHA-256 of them"),
    Column("columns", LargeBinary, nullable=False, comment="JSON: field to column's number"),
    Column("changed_at", Utc, nullable=False),
)

placement_import = Table(
    "placement_import",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random"),
    Column("authority", String(9), nullable=False, index=True),
    Column("source", String(10), nullable=False, comment="ssda903, sheet or api"),
    Column("as_at", Date, nullable=False, comment="the day on which what it says was so"),
    Column("made_by", String(200), nullable=False, comment="a name"),
    Column("made_at", Utc, nullable=False),
)
"""Imports that added placements or were the whole of a return; each placement has that with which
it came."""
