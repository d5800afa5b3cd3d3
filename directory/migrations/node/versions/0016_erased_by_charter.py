"""Who has confirmed that it destroyed what a version of the charter names."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    op.create_table(
        "charter_erasure",
        sa.Column(
            "charter", sa.String(43), primary_key=True, comment="digest of a version that erases"
        ),
        sa.Column("node", sa.String(63), primary_key=True, comment="the member that has obeyed it"),
        sa.Column("receipt", sa.Text, nullable=False, comment="signed by that member"),
        sa.Column("erased_at", Utc, nullable=False, comment="by its clock"),
        sa.Column("received_at", Utc, nullable=False),
    )
