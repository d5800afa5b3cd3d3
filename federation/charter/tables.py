"""Charters that came to a node and that it does not keep to, for people to see."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table, Text

from federation.database import Utc
from federation.tables import node_metadata

charter_aside = Table(
    "charter_aside",
    node_metadata,
    Column("digest", String(43), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("note", LargeBinary, nullable=False, comment="signed by a majority, as it came"),
    Column("came_at", Utc, nullable=False, comment="first; from then on it waits, if it has to"),
    Column("why", Text, nullable=False, comment="why it is not kept to"),
)
