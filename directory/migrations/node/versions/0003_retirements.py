"""What is staged may retire, and not only publish."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column(
        "staged",
        sa.Column(
            "operation",
            sa.String(length=10),
            nullable=False,
            server_default="publish",
            comment="of the entry: publish or retire",
        ),
    )
