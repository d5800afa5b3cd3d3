"""Records that wait for a second person's release."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.create_table(
        "held_record",
        sa.Column("id", sa.String(length=32), nullable=False, comment="drawn at random"),
        sa.Column("reference", sa.String(length=120), nullable=False, unique=True),
        sa.Column(
            "authority",
            sa.String(length=9),
            nullable=False,
            index=True,
            comment="where the home stands",
        ),
        sa.Column(
            "record",
            sa.LargeBinary(),
            nullable=False,
            comment="home/1, sealed: nobody has read it yet",
        ),
        sa.Column(
            "handed_in_by", sa.String(length=200), nullable=False, comment="as the audit names them"
        ),
        sa.Column("handed_in_name", sa.String(length=200), nullable=False),
        sa.Column("handed_in_at", Utc(), nullable=False),
        sa.Column("returned_by", sa.String(length=200), comment="a name"),
        sa.Column("returned_at", Utc()),
        sa.Column("reason", sa.LargeBinary(), comment="why it was returned, sealed"),
        sa.PrimaryKeyConstraint("id"),
    )
