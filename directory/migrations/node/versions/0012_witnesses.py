"""Witnesses: what of our log waits for them, who they are, and which logs this node witnesses."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "unpublished",
        sa.Column(
            "id", sa.Integer, primary_key=True, autoincrement=False, comment="1: our own log"
        ),
        sa.Column(
            "checkpoint", sa.LargeBinary, nullable=False, comment="signed; waits for its quorum"
        ),
        sa.Column("signed_at", Utc, nullable=False),
    )
    op.create_table(
        "cosigner",
        sa.Column("key", sa.String(43), primary_key=True, comment="id of a witness's key"),
        sa.Column(
            "size", sa.BigInteger, nullable=False, comment="of our log, that it holds by its word"
        ),
        sa.Column("cosigned_at", Utc, comment="by its own clock"),
        sa.Column("trouble", sa.Text, comment="why it does not cosign"),
        sa.Column("trouble_since", Utc),
    )
    op.create_table(
        "witnessed",
        sa.Column(
            "origin", sa.String(200), primary_key=True, comment="a log that we are a witness of"
        ),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column(
            "checkpoint",
            sa.LargeBinary,
            nullable=False,
            comment="as it came, and our cosignature",
        ),
        sa.Column("cosigned_at", Utc, nullable=False),
    )
