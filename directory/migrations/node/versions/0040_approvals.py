"""Approvals of placements, and consultations before them."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.create_table(
        "approval",
        sa.Column("placement", sa.String(32), sa.ForeignKey("placement.id"), primary_key=True),
        sa.Column(
            "outcome", sa.String(10), comment="approved, refused or exempt; null: not decided"
        ),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="a Considered, sealed"),
        sa.Column("changed_at", Utc, nullable=False),
    )
    op.create_table(
        "sent_consultation",
        sa.Column("id", sa.String(32), primary_key=True, comment="the message's id"),
        sa.Column(
            "placement",
            sa.String(32),
            sa.ForeignKey("placement.id"),
            nullable=False,
            index=True,
        ),
        sa.Column("placing_authority", sa.String(9), nullable=False),
        sa.Column("area_authority", sa.String(9), nullable=False),
        sa.Column("sent_at", Utc, nullable=False),
        sa.Column("answer", sa.LargeBinary, comment="consultation-answer/1, sealed"),
        sa.Column("answered_at", Utc),
    )
    op.create_table(
        "received_consultation",
        sa.Column("id", sa.String(32), primary_key=True, comment="the message's id"),
        sa.Column("placing_authority", sa.String(9), primary_key=True),
        sa.Column("area_authority", sa.String(9), nullable=False, index=True),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="consultation/1, sealed"),
        sa.Column("received_at", Utc, nullable=False),
        sa.Column("answer", sa.LargeBinary, comment="consultation-answer/1 as we sent it, sealed"),
        sa.Column("answered_at", Utc),
        sa.Column("answered_by", sa.String(200), comment="who here did it"),
    )
