"""What is being imported, and what the columns of an authority's sheets mean."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.create_table(
        "import_draft",
        sa.Column("id", sa.String(32), primary_key=True, comment="drawn at random"),
        sa.Column("authority", sa.String(9), nullable=False, index=True),
        sa.Column("made_by", sa.String(200), nullable=False, comment="the principal's id"),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="a Draft, sealed"),
        sa.Column("made_at", Utc, nullable=False),
    )
    op.create_table(
        "import_mapping",
        sa.Column("authority", sa.String(9), primary_key=True),
        sa.Column("headings", sa.String(64), primary_key=True, comment="SHA-256 of them"),
        sa.Column(
            "columns", sa.LargeBinary, nullable=False, comment="JSON: field to column's number"
        ),
        sa.Column("changed_at", Utc, nullable=False),
    )
