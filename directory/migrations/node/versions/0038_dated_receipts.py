"""Which receipts an anchor of the audit dates."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    op.create_table(
        "receipt_leaf",
        sa.Column("sender", sa.String(9), primary_key=True, comment="of the message"),
        sa.Column("message", sa.String(32), primary_key=True),
        sa.Column("batch", sa.Integer, nullable=False, comment="the audit row with its root"),
        sa.Column("position", sa.Integer, nullable=False, comment="in the batch, from 0"),
        sa.Column("salt", sa.LargeBinary, nullable=False, comment="32 random bytes"),
        sa.Column("receipt", sa.Text, nullable=False, comment="as it was signed"),
    )
    op.create_index("receipt_leaf_batch", "receipt_leaf", ["batch", "position"])
