"""Tables of what lists have changed about homes, in `node.db`, and of who has seen it."""

from sqlalchemy import Column, Date, ForeignKey, Index, Integer, String, Table, Text

from directory.database import node_metadata
from federation import Utc

_TEXT = 300  # characters, as in a registration

home_change = Table(
    "home_change",
    node_metadata,
    Column("id", Integer, primary_key=True),
    Column("urn", String(20), nullable=False),
    Column("kind", String(10), nullable=False, comment="new, changed, closed or back"),
    Column("name", String(_TEXT), comment="null: redacted"),
    Column("authority", String(9), comment="where it stands now, or stood; null: not known"),
    Column("differences", Text, nullable=False, comment="JSON: what, before and after, each"),
    Column("as_at", Date, comment="day of the list; null: undated"),
    Column("noted_at", Utc, nullable=False),
    Index("home_change_authority", "authority"),
    sqlite_autoincrement=True,
)

home_change_seen = Table(
    "home_change_seen",
    node_metadata,
    Column("change", Integer, ForeignKey("home_change.id"), primary_key=True, autoincrement=False),
    Column("authority", String(9), primary_key=True, comment="whose officers have seen it"),
    Column("seen_by", String(200), nullable=False, comment="a name"),
    Column("seen_at", Utc, nullable=False),
)
