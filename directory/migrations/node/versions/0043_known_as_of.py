"""Imports, and as of when each thing in the register of placements is known."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    for table in ("child", "placement"):
        known = sa.Column(
            "known", sa.LargeBinary, comment="JSON: what is known as of when; see knowing"
        )
        op.add_column(table, known)
    op.add_column(
        "placement",
        sa.Column("came_with", sa.String(32), comment="id of the import; null: typed"),
    )
    op.create_index("ix_placement_came_with", "placement", ["came_with"])
    op.create_table(
        "placement_import",
        sa.Column("id", sa.String(32), primary_key=True, comment="drawn at random"),
        sa.Column("authority", sa.String(9), nullable=False, index=True),
        sa.Column("source", sa.String(10), nullable=False, comment="ssda903, sheet or api"),
        sa.Column("as_at", sa.Date, nullable=False, comment="the day on which what it says was so"),
        sa.Column("made_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("made_at", Utc, nullable=False),
    )
