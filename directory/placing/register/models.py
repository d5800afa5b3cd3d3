"""Children and their placements, in `node.db`. What is sealed, the vault opens; `values` says
what it is.

Neither has an index by name: whoever looks for a child opens the rows of one authority.
"""

from sqlalchemy import Boolean, Column, Date, ForeignKey, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

child = Table(
    "child",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random"),
    Column("authority", String(9), nullable=False, index=True, comment="that looks after them"),
    Column("body", LargeBinary, nullable=False, comment="a ChildFacts, sealed"),
    Column("source", String(10), nullable=False, comment="typed, ssda903, sheet or api"),
    Column("known", LargeBinary, comment="JSON: what is known as of when; see knowing"),
    Column("changed_at", Utc, nullable=False),
    Column("died_on", LargeBinary, comment="the day, sealed; null: nobody said so"),
)

placement = Table(
    "placement",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random"),
    Column("authority", String(9), nullable=False, index=True, comment="that places"),
    Column("child", String(32), ForeignKey(child.c.id), nullable=False, index=True),
    Column("area", String(9), comment="whose the address is; null: not known"),
    Column("relation", String(16), comment="of the area to the authority; null: not known"),
    Column("relation_corrected", Boolean, nullable=False, comment="by hand, with a reason"),
    Column("state", String(8), nullable=False, comment="planned, live or ended"),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, comment="of one that ended; null then: it never began"),
    Column("emergency", Boolean, nullable=False),
    Column("short_breaks", Boolean, nullable=False),
    Column("notice", String(32), index=True, comment="id of the notice sent; null: none yet"),
    Column("source", String(10), nullable=False, comment="typed, ssda903, sheet or api"),
    Column("came_with", String(32), index=True, comment="id of the import; null: typed"),
    Column("known", LargeBinary, comment="JSON: what is known as of when; see knowing"),
    Column("body", LargeBinary, nullable=False, comment="a PlacementFacts, sealed"),
    Column("changed_at", Utc, nullable=False),
)
