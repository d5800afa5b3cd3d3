"""Children's guides in `node.db`, their pictures, and the links by which they are read.

Guides and pictures are sealed; the vault opens them. Of a link there is a digest alone.
"""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

guide = Table(
    "guide",
    node_metadata,
    Column("urn", String(20), primary_key=True),
    Column("authority", String(9), primary_key=True, comment="where the home stands, GSS code"),
    Column("body", LargeBinary, nullable=False, comment="what it says, JSON, sealed"),
    Column("changed_at", Utc, nullable=False),
    Column("changed_by", String(200), nullable=False, comment="a name"),
)

guide_picture = Table(
    "guide_picture",
    node_metadata,
    Column("id", String(32), primary_key=True),
    Column("urn", String(20), nullable=False, index=True),
    Column("authority", String(9), nullable=False),
    Column("place", Integer, nullable=False, comment="in the order in which they were added"),
    Column("picture", LargeBinary, nullable=False, comment="JPEG, sealed"),
    Column("alt", LargeBinary, nullable=False, comment="what it shows, in words, sealed"),
)

guide_link = Table(
    "guide_link",
    node_metadata,
    Column("digest", LargeBinary, primary_key=True, comment="SHA-256 of its token"),
    Column("urn", String(20), nullable=False, index=True),
    Column("authority", String(9), nullable=False),
    Column("made_by", String(200), nullable=False, comment="a name"),
    Column("made_at", Utc, nullable=False),
    Column("ends_at", Utc, nullable=False),
)
