"""Which column of an authority's spreadsheets says what, in `node.db`. Headings name no child."""

from sqlalchemy import Column, String, Table, Text

from directory.database import node_metadata
from federation import Utc

sheet_mapping = Table(
    "sheet_mapping",
    node_metadata,
    Column("authority", String(9), primary_key=True),
    Column("list", String(20), primary_key=True, comment="what is imported: placements, register"),
    Column("mapping", Text, nullable=False, comment="JSON: headings by field"),
    Column("used_at", Utc, nullable=False),
)
