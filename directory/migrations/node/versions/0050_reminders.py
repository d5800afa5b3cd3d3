"""How often somebody was reminded of a notice, or of a link, that waits."""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"


def upgrade() -> None:
    for table in ("sent_notice", "received_notice", "telling"):
        comment = "steps of its link" if table == "telling" else "steps, see reminding"
        op.add_column(
            table,
            sa.Column(
                "reminded", sa.Integer(), nullable=False, server_default="0", comment=comment
            ),
        )
