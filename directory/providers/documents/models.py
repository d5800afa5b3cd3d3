"""Full documents in `node.db`: those that are kept here, who asked for them, what we asked for.

Documents and reasons are sealed; `directory.security.vault` opens them.
"""

from sqlalchemy import Column, Integer, LargeBinary, String, Table, UniqueConstraint

from directory.database import node_metadata
from federation import Utc

full_document = Table(
    "full_document",
    node_metadata,
    Column("urn", String(20), primary_key=True),
    Column("authority", String(9), nullable=False, comment="where the home stands, GSS code"),
    Column("id", String(32), nullable=False, comment="of this file, drawn at random"),
    Column("type", String(80), nullable=False, comment="media type"),
    Column("size", Integer, nullable=False, comment="bytes"),
    Column("content", LargeBinary, nullable=False, comment="the file, sealed"),
    Column("kept_at", Utc, nullable=False),
    Column("kept_by", String(200), nullable=False, comment="a name"),
)

document_asked = Table(
    "document_asked",
    node_metadata,
    Column("number", String(32), primary_key=True, comment="drawn here, names it on pages"),
    Column("asker", String(9), nullable=False, comment="the authority that asks, GSS code"),
    Column("id", String(32), nullable=False, comment="as they drew it"),
    Column("authority", String(9), nullable=False, index=True, comment="that was asked"),
    Column("urn", String(20), nullable=False, index=True),
    Column("asked_by", String(200), nullable=False, comment="a name"),
    Column("asked_at", Utc, nullable=False),
    Column("reason", LargeBinary, nullable=False, comment="sealed"),
    Column("state", String(10), nullable=False, comment="waiting, given or refused"),
    Column("decided_by", String(200), comment="a name; null: by the rule"),
    Column("decided_at", Utc),
    Column("message", String(32), comment="that carries the document"),
    UniqueConstraint("asker", "id", name="document_asked_once"),
)

document_asking = Table(
    "document_asking",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="of the message that asks"),
    Column("authority", String(9), nullable=False, index=True, comment="that asks, GSS code"),
    Column("urn", String(20), nullable=False),
    Column("area", String(9), nullable=False, comment="where the home stands, GSS code"),
    Column("asked_by", String(200), nullable=False, comment="as the audit names them"),
    Column("asked_name", String(200), nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("reason", LargeBinary, comment="sealed"),
    Column("state", String(10), nullable=False, comment="asked, here, refused or ended"),
    Column("answered_at", Utc),
    Column("refusal", LargeBinary, comment="why it was refused, sealed"),
    Column("message", String(32), comment="that brought the document"),
    Column("attachment", LargeBinary, comment="what opens it, sealed"),
    Column("ends_at", Utc, comment="when it is destroyed here"),
)
