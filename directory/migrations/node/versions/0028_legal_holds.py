"""Legal holds."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("id", sa.String(32), primary_key=True, comment="drawn at random"),
        sa.Column("authority", sa.String(9), nullable=False, index=True, comment="GSS code"),
        sa.Column("record", sa.String(120), comment="kind and id, as in the audit; null: all"),
        sa.Column("reason", sa.LargeBinary, nullable=False, comment="sealed"),
        sa.Column("set_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("set_at", Utc, nullable=False),
        sa.Column("lifted_by", sa.String(200), comment="a name"),
        sa.Column("lifted_at", Utc),
        sa.Column("lifted_reason", sa.LargeBinary, comment="sealed"),
    )
