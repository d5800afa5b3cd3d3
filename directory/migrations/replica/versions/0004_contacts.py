"""How each peer was when it was last met."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "contact",
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column(
            "answered_at",
            Utc(),
            nullable=True,
            comment="when it last answered anything, by our clock",
        ),
        sa.Column(
            "ahead_s",
            sa.Integer(),
            nullable=True,
            comment="how far its clock is ahead of ours; null: it does not say",
        ),
        sa.Column(
            "version",
            sa.String(length=40),
            nullable=True,
            comment="of its software; null: it does not say",
        ),
        sa.Column(
            "problem",
            sa.Text(),
            nullable=True,
            comment="what was last in the way, in words; null: nothing now",
        ),
        sa.Column("problem_since", Utc(), nullable=True),
        sa.Column(
            "offered",
            sa.Integer(),
            nullable=False,
            comment="entries that its log has, as it said",
        ),
        sa.Column(
            "holds",
            sa.Integer(),
            nullable=False,
            comment="entries of our log that it has verified",
        ),
        sa.Column("requests", sa.BigInteger(), nullable=False, comment="that we have made to it"),
        sa.Column(
            "bytes_received",
            sa.BigInteger(),
            nullable=False,
            comment="of bodies, as they came",
        ),
        sa.PrimaryKeyConstraint("node"),
    )
