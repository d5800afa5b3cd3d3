"""Forms that were sent after their session had ended, each sealed for the browser it came from."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0047"
down_revision = "0046"


def upgrade() -> None:
    op.create_table(
        "unsent_form",
        sa.Column("person", sa.String(32), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("digest", sa.LargeBinary(32), nullable=False, comment="names its handle"),
        sa.Column(
            "sealed", sa.LargeBinary, nullable=False, comment="an Unsent, under a key of its handle"
        ),
        sa.Column("size", sa.Integer, nullable=False, comment="bytes of it"),
        sa.Column(
            "times",
            sa.Integer,
            nullable=False,
            comment="that one was kept in the place of another",
        ),
        sa.Column("ends_at", Utc, nullable=False),
    )
