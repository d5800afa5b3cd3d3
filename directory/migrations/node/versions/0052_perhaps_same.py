"""Notices that are perhaps of the same child."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0052"
down_revision = "0051"


def upgrade() -> None:
    op.create_table(
        "perhaps_same",
        sa.Column("id", sa.String(32), primary_key=True, comment="drawn at random"),
        sa.Column("area", sa.String(9), nullable=False, index=True, comment="whose register it is"),
        sa.Column(
            "leaves_placing",
            sa.String(9),
            nullable=False,
            comment="of the notice that would leave",
        ),
        sa.Column(
            "leaves", sa.String(32), nullable=False, comment="received_notice.id: the older, say"
        ),
        sa.Column("stays_placing", sa.String(9), nullable=False),
        sa.Column("stays", sa.String(32), nullable=False, comment="received_notice.id"),
        sa.Column(
            "why", sa.String(30), nullable=False, comment="identifier, or home and day of birth"
        ),
        sa.Column("state", sa.String(5), nullable=False, comment="open, same or apart"),
        sa.Column(
            "ended_before", sa.Date, comment="ended_on of the one that left, before it was said"
        ),
        sa.Column("said_by", sa.String(200), comment="a name"),
        sa.Column("said_at", Utc),
        sa.UniqueConstraint("leaves_placing", "leaves", "stays_placing", "stays", name="same_once"),
    )
