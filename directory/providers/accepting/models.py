"""Guides and documents that wait for an officer, in `node.db`. What is sealed, the vault opens."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table, UniqueConstraint

from directory.database import node_metadata
from federation import Utc

handed_in = Table(
    "handed_in",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn here, names it on pages"),
    Column("authority", String(9), nullable=False, comment="where the home stands"),
    Column("urn", String(20), nullable=False, index=True),
    Column("kind", String(10), nullable=False, comment="guide or document"),
    Column("through", String(9), nullable=False, comment="to whom its outcome goes"),
    Column("hand_in", String(32), nullable=False, comment="as they drew it"),
    Column("handed_in_by", String(200), nullable=False, comment="a name"),
    Column("handed_in_at", Utc, nullable=False),
    Column("body", LargeBinary, comment="of a guide what it says, JSON, sealed"),
    UniqueConstraint("authority", "urn", "kind", name="handed_in_once"),
)

handed_in_file = Table(
    "handed_in_file",
    node_metadata,
    Column("handed_in", String(32), primary_key=True, comment="handed_in.id"),
    Column("place", Integer, primary_key=True, comment="from 0"),
    Column("type", String(80), nullable=False, comment="media type"),
    Column("content", LargeBinary, nullable=False, comment="the file, sealed"),
)
