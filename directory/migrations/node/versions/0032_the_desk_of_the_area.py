"""What lists of notices are narrowed by, without opening one; mappings of spreadsheets' columns."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0032"
down_revision = "0031"


def upgrade() -> None:
    op.add_column(
        "received_notice",
        sa.Column(
            "setting", sa.String(30), comment="kind of placement; null: came before this was kept"
        ),
    )
    op.create_index(
        "received_notice_desk",
        "received_notice",
        [
            *("area_authority", "ended_on", "withdrawn_at", "acknowledged_at", "starts_on"),
            *("received_at", "id", "placing_authority", "urn", "setting", "came_by", "taken_by"),
        ],
    )
    op.create_table(
        "sheet_mapping",
        sa.Column("authority", sa.String(9), primary_key=True),
        sa.Column(
            "list",
            sa.String(20),
            primary_key=True,
            comment="what is imported: placements, register",
        ),
        sa.Column("mapping", sa.Text, nullable=False, comment="JSON: headings by field"),
        sa.Column("used_at", Utc, nullable=False),
    )
