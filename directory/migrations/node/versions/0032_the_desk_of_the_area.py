"""What lists of notices are narrowed by, without opening one."""

import sqlalchemy as sa
from alembic import op

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
