"""Stays that a home takes back, and what the lists of stays are counted by."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    op.add_column(
        "home_notice",
        sa.Column("withdrawn_at", Utc, comment="when it came that the home takes it back"),
    )
    op.create_index(
        "home_notice_desk",
        "home_notice",
        ["area", "withdrawn_at", "match", "received_at", "number", "ended_on", "notice"],
    )
    op.create_index("ix_resident_asking_about", "resident_asking", ["about"])
