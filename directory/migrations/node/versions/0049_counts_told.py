"""What we have told other authorities of the notices that we counted."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    op.create_table(
        "notice_count_told",
        sa.Column("authority", sa.String(9), primary_key=True, comment="ours, GSS code"),
        sa.Column("other", sa.String(9), primary_key=True, comment="who was told"),
        sa.Column("quarter", sa.String(7), primary_key=True, comment="such as 2026-Q3"),
        sa.Column(
            "side", sa.String(8), primary_key=True, comment="what we counted: sent or received"
        ),
        sa.Column("on_time", sa.Integer, nullable=False),
        sa.Column("late", sa.Integer, nullable=False),
        sa.Column("later", sa.Integer, nullable=False),
        sa.Column("acknowledged", sa.Integer, nullable=False),
        sa.Column("told_at", Utc, nullable=False),
    )
