"""Table of the unredacted list, in `node.db`: never read by anything that publishes or searches."""

from sqlalchemy import Column, Index, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

unredacted = Table(
    "unredacted",
    node_metadata,
    Column("urn", String(20), primary_key=True),
    Column("provider_type", String(300)),
    Column("authority_gss", String(9), comment="null: not one of England's today"),
    Column(
        "facts", LargeBinary, nullable=False, comment="JSON: text by heading, as listed; sealed"
    ),
    Column("imported_at", Utc, nullable=False, comment="UTC"),
    Index("unredacted_authority", "authority_gss"),
)
