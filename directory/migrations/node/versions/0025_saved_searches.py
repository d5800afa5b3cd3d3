"""Searches that somebody keeps, with the homes that they found when somebody last looked."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "saved_search",
        sa.Column("id", sa.String(32), primary_key=True, comment="drawn at random"),
        sa.Column(
            "person", sa.String(80), nullable=False, index=True, comment="whose it is, as the audit"
        ),
        sa.Column("saved", sa.LargeBinary, nullable=False, comment="a SavedSearch, sealed"),
        sa.Column("made_at", Utc, nullable=False),
    )
