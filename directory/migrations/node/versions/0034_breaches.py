"""Breaches by notices that went astray."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.create_table(
        "notice_breach",
        sa.Column("id", sa.String(32), primary_key=True, comment="drawn at random"),
        sa.Column(
            "side",
            sa.String(8),
            nullable=False,
            comment="sent or received: what ours did with it",
        ),
        sa.Column(
            "authority",
            sa.String(9),
            nullable=False,
            index=True,
            comment="ours, whose breach it is",
        ),
        sa.Column("other_authority", sa.String(9), nullable=False),
        sa.Column("notice", sa.String(32), nullable=False),
        sa.Column("placing_authority", sa.String(9), nullable=False),
        sa.Column(
            "withdrawal", sa.String(32), nullable=False, comment="the message that withdrew it"
        ),
        sa.Column("why", sa.String(40), nullable=False, comment="wrong authority or wrong child"),
        sa.Column("opened_at", Utc, nullable=False, comment="from when the 72 hours run"),
        sa.Column("contained_at", Utc),
        sa.Column("contained_by", sa.String(200), comment="a name, or the node that said so"),
        sa.Column("reported_at", Utc, comment="to the Information Commissioner"),
        sa.Column("reference", sa.String(60), comment="the Commissioner's"),
        sa.Column("not_reported", sa.LargeBinary, comment="why not, sealed"),
        sa.Column("decided_at", Utc),
        sa.Column("decided_by", sa.String(200), comment="a name"),
        sa.Column("found", sa.LargeBinary, comment="what came of it, sealed"),
        sa.Column("closed_at", Utc),
        sa.Column("closed_by", sa.String(200), comment="a name"),
        sa.UniqueConstraint("side", "placing_authority", "notice", name="notice_breach_once"),
    )
