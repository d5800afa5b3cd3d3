"""Proofs that a log was forked, and which members have not been told yet."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "fork",
        sa.Column("digest", sa.String(43), primary_key=True, comment="SHA-256 of the proof"),
        sa.Column("origin", sa.String(200), nullable=False, comment="the log that was forked"),
        sa.Column(
            "proof", sa.LargeBinary, nullable=False, comment="as it was found, or as it came"
        ),
        sa.Column("found_at", Utc, nullable=False),
        sa.Column("told_by", sa.String(63), comment="the member that found it; none: this node"),
    )
    op.create_table(
        "fork_untold",
        sa.Column("digest", sa.String(43), primary_key=True),
        sa.Column(
            "node", sa.String(63), primary_key=True, comment="a member that has not been told yet"
        ),
    )
