"""What was published last, so that only what is new or changed is published again; and what a
person has taken back, so that the register does not publish it again. In `node.db`.
"""

from sqlalchemy import Column, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

published = Table(
    "published",
    node_metadata,
    Column("reference", String(120), primary_key=True, comment="schema and identity of a record"),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the record"),
)

withheld = Table(
    "withheld",
    node_metadata,
    Column(
        "reference",
        String(120),
        primary_key=True,
        comment="what the register does not publish again by itself",
    ),
    Column("operation", String(10), nullable=False, comment="retire or erase"),
    Column("since", Utc, nullable=False),
)
