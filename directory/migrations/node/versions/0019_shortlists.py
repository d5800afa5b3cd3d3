"""Shortlists: homes that are weighed for one placement, and the decision."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "shortlist",
        sa.Column("id", sa.String(32), primary_key=True, comment="drawn at random"),
        sa.Column("authority", sa.String(9), nullable=False, index=True, comment="that places"),
        sa.Column("weighed", sa.LargeBinary, nullable=False, comment="a Shortlist, sealed"),
        sa.Column("made_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("made_at", Utc, nullable=False),
        sa.Column("decided_at", Utc, comment="null: still open"),
    )
