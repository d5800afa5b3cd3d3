"""What is being imported, and what the columns of sheets mean, in `node.db`."""

from sqlalchemy import Column, LargeBinary, String, Table

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
