"""Statements of purpose that are published."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "statement",
        sa.Column("log", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("entry", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("urn", sa.String(length=20), nullable=False),
        sa.Column("authority", sa.String(length=9), nullable=False, comment="GSS code"),
        sa.Column("revised_on", sa.Date(), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=False),
    )
    op.create_index("statement_urn", "statement", ["urn"])
    op.create_index("statement_authority", "statement", ["authority"])
