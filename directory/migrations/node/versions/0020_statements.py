"""Statements of purpose that are being written, and which of them Ofsted was sent."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    op.create_table(
        "statement_draft",
        sa.Column("urn", sa.String(length=20), primary_key=True),
        sa.Column(
            "authority",
            sa.String(length=9),
            nullable=False,
            index=True,
            comment="where the home stands",
        ),
        sa.Column(
            "body",
            sa.LargeBinary(),
            nullable=False,
            comment="what was written so far, JSON, sealed",
        ),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False, comment="a name"),
    )
    op.create_table(
        "statement_told",
        sa.Column("urn", sa.String(length=20), primary_key=True),
        sa.Column(
            "revised_on",
            sa.Date(),
            primary_key=True,
            comment="of the version that Ofsted was sent",
        ),
        sa.Column("told_on", sa.Date(), nullable=False),
        sa.Column("noted_by", sa.String(length=200), nullable=False, comment="a name"),
    )
