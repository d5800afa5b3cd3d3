"""What other authorities have counted of the notices between them and ours."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0039"
down_revision = "0038"


def upgrade() -> None:
    op.create_table(
        "notice_count",
        sa.Column("authority", sa.String(9), primary_key=True, comment="ours, GSS code"),
        sa.Column("other", sa.String(9), primary_key=True, comment="who counted"),
        sa.Column("quarter", sa.String(7), primary_key=True, comment="such as 2026-Q3"),
        sa.Column(
            "side", sa.String(8), primary_key=True, comment="what it counted: sent or received"
        ),
        sa.Column("on_time", sa.Integer, nullable=False),
        sa.Column("late", sa.Integer, nullable=False),
        sa.Column("later", sa.Integer, nullable=False),
        sa.Column("acknowledged", sa.Integer, nullable=False),
        sa.Column("counted_at", Utc, nullable=False),
    )
