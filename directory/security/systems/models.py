"""Systems and their tokens in `node.db`. Secrets and tokens are kept as digests alone."""

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

system = Table(
    "system",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="the OAuth client id"),
    Column("authority", String(9), nullable=False, index=True, comment="GSS code"),
    Column("name", String(80), nullable=False),
    Column("provider", String(200), comment="whose it is; null: the authority's own"),
    Column("scopes", String(200), nullable=False, comment="parted by spaces"),
    Column("secret_digest", LargeBinary, nullable=False, comment="SHA-256"),
    Column("registered_at", Utc, nullable=False),
    Column("registered_by", String(80), nullable=False),
    Column("revoked_at", Utc),
)

system_token = Table(
    "system_token",
    node_metadata,
    Column("digest", LargeBinary, primary_key=True, comment="SHA-256"),
    Column("system", String(32), ForeignKey(system.c.id), nullable=False),
    Column("scopes", String(200), nullable=False, comment="those that were asked for"),
    Column("expires", Utc, nullable=False, index=True),
)
