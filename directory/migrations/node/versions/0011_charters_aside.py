"""Charters that came and are not kept to."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "charter_aside",
        sa.Column("digest", sa.String(43), primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column(
            "note", sa.LargeBinary, nullable=False, comment="signed by a majority, as it came"
        ),
        sa.Column(
            "came_at", Utc, nullable=False, comment="first; from then on it waits, if it has to"
        ),
        sa.Column("why", sa.Text, nullable=False, comment="why it is not kept to"),
    )
