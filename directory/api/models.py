"""What was answered to writes, in `node.db`, so that a repeated one is answered again, not done."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

answered = Table(
    "answered",
    node_metadata,
    Column("who", String(120), primary_key=True, comment="kind and id, as the audit has it"),
    Column("key_digest", LargeBinary, primary_key=True, comment="SHA-256 of the Idempotency-Key"),
    Column("request_digest", LargeBinary, nullable=False, comment="SHA-256 of key and request"),
    Column("status", Integer, nullable=False),
    Column("location", String(200), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("answered_at", Utc, nullable=False, index=True),
)
