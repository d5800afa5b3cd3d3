"""Authorities' own systems, their tokens, and what was answered to their writes."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "system",
        sa.Column("id", sa.String(length=32), nullable=False, comment="the OAuth client id"),
        sa.Column("authority", sa.String(length=9), nullable=False, comment="GSS code"),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("scopes", sa.String(length=200), nullable=False, comment="parted by spaces"),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False, comment="SHA-256"),
        sa.Column("registered_at", Utc(timezone=True), nullable=False),
        sa.Column("registered_by", sa.String(length=80), nullable=False),
        sa.Column("revoked_at", Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_system_authority", "system", ["authority"])
    op.create_table(
        "system_token",
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256"),
        sa.Column("system", sa.String(length=32), nullable=False),
        sa.Column(
            "scopes", sa.String(length=200), nullable=False, comment="those that were asked for"
        ),
        sa.Column("expires", Utc(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["system"], ["system.id"]),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_system_token_expires", "system_token", ["expires"])
