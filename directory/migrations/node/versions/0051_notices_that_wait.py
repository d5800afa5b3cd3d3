"""Which notices wait for an acknowledgement, without reading past what each says."""

from alembic import op

revision = "0051"
down_revision = "0050"


def upgrade() -> None:
    op.create_index(
        "sent_notice_waits",
        "sent_notice",
        [
            *("placing_authority", "area_authority", "sent_at", "acknowledged_at"),
            *("withdrawn_at", "ended_on"),
        ],
    )
