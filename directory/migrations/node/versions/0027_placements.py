"""Children and their placements: an authority's own register."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "child",
        sa.Column("id", sa.String(32), primary_key=True, comment="drawn at random"),
        sa.Column(
            "authority", sa.String(9), nullable=False, index=True, comment="that looks after them"
        ),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="a ChildFacts, sealed"),
        sa.Column("source", sa.String(10), nullable=False, comment="typed, ssda903, sheet or api"),
        sa.Column("changed_at", Utc, nullable=False),
    )
    op.create_table(
        "placement",
        sa.Column("id", sa.String(32), primary_key=True, comment="drawn at random"),
        sa.Column("authority", sa.String(9), nullable=False, index=True, comment="that places"),
        sa.Column("child", sa.String(32), sa.ForeignKey("child.id"), nullable=False, index=True),
        sa.Column("area", sa.String(9), comment="whose the address is; null: not known"),
        sa.Column(
            "relation", sa.String(16), comment="of the area to the authority; null: not known"
        ),
        sa.Column(
            "relation_corrected", sa.Boolean, nullable=False, comment="by hand, with a reason"
        ),
        sa.Column("state", sa.String(8), nullable=False, comment="planned, live or ended"),
        sa.Column("starts_on", sa.Date, nullable=False),
        sa.Column("ends_on", sa.Date, comment="of one that ended; null then: it never began"),
        sa.Column("emergency", sa.Boolean, nullable=False),
        sa.Column("short_breaks", sa.Boolean, nullable=False),
        sa.Column(
            "notice", sa.String(32), index=True, comment="id of the notice sent; null: none yet"
        ),
        sa.Column("source", sa.String(10), nullable=False, comment="typed, ssda903, sheet or api"),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="a PlacementFacts, sealed"),
        sa.Column("changed_at", Utc, nullable=False),
    )
