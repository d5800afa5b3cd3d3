"""What follows a notice, on either side; and notices that came otherwise than from a node."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.add_column(
        "received_notice",
        sa.Column(
            "came_by",
            sa.String(10),
            nullable=False,
            server_default="node",
            comment="node, email, letter, telephone or list",
        ),
    )
    for column in (
        sa.Column("urn", sa.String(20), comment="of the home, as last said"),
        sa.Column("starts_on", sa.Date, comment="as last said; null: came before this was kept"),
        sa.Column("ended_on", sa.Date, comment="as last said; it may lie ahead"),
        sa.Column("withdrawn_at", Utc),
        sa.Column("taken_by", sa.String(32), comment="a person's id"),
    ):
        op.add_column("received_notice", column)
    op.add_column("sent_notice", sa.Column("ended_on", sa.Date, comment="as last said"))
    op.add_column("sent_notice", sa.Column("withdrawn_at", Utc))
    op.create_table(
        "notice_event",
        sa.Column("seq", sa.Integer, primary_key=True),
        sa.Column(
            "side",
            sa.String(8),
            nullable=False,
            comment="sent or received: in which of the two tables the notice stands",
        ),
        sa.Column("notice", sa.String(32), nullable=False),
        sa.Column("placing_authority", sa.String(9), nullable=False),
        sa.Column("area_authority", sa.String(9), nullable=False),
        sa.Column("kind", sa.String(60), nullable=False, comment="its schema"),
        sa.Column("message", sa.String(32), nullable=False, comment="that said it"),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="sealed"),
        sa.Column("at", Utc, nullable=False, comment="when it was sent from here, or came"),
        sa.Column("by", sa.String(200), nullable=False, comment="a name, or the node it came from"),
        sa.UniqueConstraint(
            *("side", "placing_authority", "notice", "kind", "message"), name="notice_event_once"
        ),
    )
