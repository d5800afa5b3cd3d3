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
            *("area_authority", "received_at", "id", "placing_authority", "acknowledged_at"),
            *("ended_on", "withdrawn_at", "taken_by"),
        ],
    )
    op.create_index(
        "received_notice_register",
        "received_notice",
        [
            *("area_authority", "starts_on", "id", "placing_authority", "ended_on"),
            *("withdrawn_at", "urn", "setting"),
        ],
    )
