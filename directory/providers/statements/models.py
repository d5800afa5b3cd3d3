"""Statements of purpose: drafts and what Ofsted was told in `node.db`, those that are published in
`replica.db`. What is sealed, `directory.security.vault` opens.
"""

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, String, Table

from directory.database import node_metadata, replica_metadata
from federation import Utc

statement_draft = Table(
    "statement_draft",
    node_metadata,
    Column("urn", String(20), primary_key=True),
    Column("authority", String(9), nullable=False, index=True, comment="where the home stands"),
    Column("body", LargeBinary, nullable=False, comment="what was written so far, JSON, sealed"),
    Column("changed_at", Utc, nullable=False),
    Column("changed_by", String(200), nullable=False, comment="a name"),
)

statement_told = Table(
    "statement_told",
    node_metadata,
    Column("urn", String(20), primary_key=True),
    Column("revised_on", Date, primary_key=True, comment="of the version that Ofsted was sent"),
    Column("told_on", Date, nullable=False),
    Column("noted_by", String(200), nullable=False, comment="a name"),
    Column("message", String(32), comment="that tells the other side; null: none does"),
)

statement = Table(
    "statement",
    replica_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("urn", String(20), nullable=False),
    Column("authority", String(9), nullable=False, comment="GSS code"),
    Column("revised_on", Date, nullable=False),
    Column("reviewed_on", Date, nullable=False),
    Index("statement_urn", "urn"),
    Index("statement_authority", "authority"),
)
