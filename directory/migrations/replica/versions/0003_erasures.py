"""Which erasures were obeyed, and whether their authors know."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("log", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "idx",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="of an entry that erases",
        ),
        sa.Column("obeyed_at", Utc(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="to confirm it to its author"),
        sa.Column("next_attempt", Utc(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True, comment="why the author has no receipt yet"),
        sa.Column("confirmed_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("log", "idx"),
    )
