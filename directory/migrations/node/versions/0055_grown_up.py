"""Who of those in the register is 18 or over, for a list of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"


def upgrade() -> None:
    op.add_column(
        "received_notice",
        sa.Column(
            "grown_up",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="18 or over, as of the worker's daily look",
        ),
    )
    op.drop_index("received_notice_register", "received_notice")
    op.create_index(
        "received_notice_register",
        "received_notice",
        [
            *("area_authority", "starts_on", "id", "placing_authority", "ended_on"),
            *("withdrawn_at", "urn", "setting", "grown_up"),
        ],
    )
