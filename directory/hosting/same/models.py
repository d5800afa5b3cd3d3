"""Two notices that are perhaps of the same child, in `node.db`: which, why, and what was said."""

from sqlalchemy import Column, Date, String, Table, UniqueConstraint

from directory.database import node_metadata
from federation import Utc

perhaps_same = Table(
    "perhaps_same",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random"),
    Column("area", String(9), nullable=False, index=True, comment="whose register it is"),
    Column("leaves_placing", String(9), nullable=False, comment="of the notice that would leave"),
    Column("leaves", String(32), nullable=False, comment="received_notice.id: the older, say"),
    Column("stays_placing", String(9), nullable=False),
    Column("stays", String(32), nullable=False, comment="received_notice.id"),
    Column("why", String(30), nullable=False, comment="identifier, or home and day of birth"),
    Column("state", String(5), nullable=False, comment="open, same or apart"),
    Column("ended_before", Date, comment="ended_on of the one that left, before it was said"),
    Column("said_by", String(200), comment="a name"),
    Column("said_at", Utc),
    UniqueConstraint("leaves_placing", "leaves", "stays_placing", "stays", name="same_once"),
)
