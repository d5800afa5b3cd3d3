"""Restricted records with who is named in each, and looks in an emergency with their reviews."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.create_table(
        "restriction",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("authority", sa.String(9), nullable=False),
        sa.Column(
            "record", sa.String(60), nullable=False, comment="notice or placement, and its id"
        ),
        sa.Column("reason", sa.LargeBinary, nullable=False, comment="sealed"),
        sa.Column("set_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("set_at", Utc, nullable=False),
        sa.Column("lifted_by", sa.String(200), comment="a name"),
        sa.Column("lifted_at", Utc),
    )
    op.create_index("restriction_record", "restriction", ["authority", "record"])
    op.create_table(
        "restriction_named",
        sa.Column("restriction", sa.String(32), sa.ForeignKey("restriction.id"), primary_key=True),
        sa.Column("who", sa.String(80), primary_key=True, comment="as the audit names them"),
        sa.Column("name", sa.String(200), nullable=False),
    )
    op.create_table(
        "emergency_look",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("authority", sa.String(9), nullable=False, comment="whose record it is"),
        sa.Column(
            "record", sa.String(60), nullable=False, comment="notice or placement, and its id"
        ),
        sa.Column("who", sa.String(80), nullable=False, comment="as the audit names them"),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("reason", sa.LargeBinary, nullable=False, comment="sealed"),
        sa.Column("at", Utc, nullable=False),
        sa.Column("review_by", sa.Date, nullable=False),
        sa.Column("told_at", Utc, comment="when those responsible were sent an email"),
        sa.Column("finding", sa.String(20)),
        sa.Column("said", sa.LargeBinary, comment="what the reviewer found, sealed"),
        sa.Column("reviewed_by", sa.String(200), comment="a name"),
        sa.Column("reviewed_at", Utc),
    )
    op.create_index("emergency_look_open", "emergency_look", ["authority", "reviewed_at"])
