"""Attachments of notices: what they are, sealed; and their chunks, leaving and arrived."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "outgoing_chunk",
        sa.Column("message", sa.String(32), primary_key=True, comment="in the outbox"),
        sa.Column(
            "number",
            sa.Integer,
            primary_key=True,
            autoincrement=False,
            comment="of its chunks, from 0",
        ),
        sa.Column("digest", sa.String(43), nullable=False),
        sa.Column("held_at", Utc, comment="when the recipient's node said that it has it"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "arrived_chunk",
        sa.Column("node", sa.String(63), primary_key=True, comment="the member that delivered it"),
        sa.Column("digest", sa.String(43), primary_key=True),
        sa.Column("arrived_at", Utc, nullable=False),
        sa.Column("message", sa.String(42), comment="sender/id; null: none has named it yet"),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
    )
    op.create_index("ix_arrived_chunk_message", "arrived_chunk", ["message"])
    op.create_index("arrived_chunk_by_day", "arrived_chunk", ["node", "arrived_at"])
    unused = sa.text("message IS NULL")
    op.create_index(
        "arrived_chunk_unused",
        "arrived_chunk",
        ["node"],
        sqlite_where=unused,
        postgresql_where=unused,
    )
    for table in ("sent_notice", "received_notice"):
        column = sa.Column("attachments", sa.LargeBinary, comment="what they are, sealed")
        op.add_column(table, column)
