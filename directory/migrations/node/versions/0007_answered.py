"""What was answered to writes over the API."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "answered",
        sa.Column(
            "who", sa.String(length=120), nullable=False, comment="kind and id, as the audit has it"
        ),
        sa.Column(
            "key_digest",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of the Idempotency-Key",
        ),
        sa.Column(
            "request_digest",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256 of key and request",
        ),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("location", sa.String(length=200), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("answered_at", Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("who", "key_digest"),
    )
    op.create_index("ix_answered_answered_at", "answered", ["answered_at"])
