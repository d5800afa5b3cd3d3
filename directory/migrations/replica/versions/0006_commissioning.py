"""What authorities want."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "commissioning",
        sa.Column(
            "log",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="federation's number",
        ),
        sa.Column(
            "entry", sa.Integer(), autoincrement=False, nullable=False, comment="index in that log"
        ),
        sa.Column("authority", sa.String(length=9), nullable=False, comment="GSS code"),
        sa.Column(
            "published_at",
            sa.String(length=20),
            nullable=False,
            comment="UTC, as the entry says it",
        ),
        sa.PrimaryKeyConstraint("log", "entry"),
    )
    op.create_index("ix_commissioning_authority", "commissioning", ["authority"])
