"""What was published last, in `node.db`, so that only what is new or changed is published again."""

from sqlalchemy import Column, LargeBinary, String, Table

from directory.database import node_metadata

published = Table(
    "published",
    node_metadata,
    Column("reference", String(120), primary_key=True, comment="schema and identity of a record"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the record"),
)
