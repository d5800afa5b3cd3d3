"""Who acknowledged a notice, for their colleagues."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.add_column(
        "received_notice",
        sa.Column("acknowledged_by", sa.String(length=200), comment="who here did it"),
    )
