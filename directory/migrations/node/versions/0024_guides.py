"""Children's guides, their pictures, and the links by which they are read."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "guide",
        sa.Column("urn", sa.String(length=20), primary_key=True),
        sa.Column(
            "authority",
            sa.String(length=9),
            primary_key=True,
            comment="where the home stands, GSS code",
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="what it says, JSON, sealed"),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False, comment="a name"),
    )
    op.create_table(
        "guide_picture",
        sa.Column("id", sa.String(length=32), primary_key=True),
        sa.Column("urn", sa.String(length=20), nullable=False, index=True),
        sa.Column("authority", sa.String(length=9), nullable=False),
        sa.Column(
            "place",
            sa.Integer(),
            nullable=False,
            comment="in the order in which they were added",
        ),
        sa.Column("picture", sa.LargeBinary(), nullable=False, comment="JPEG, sealed"),
        sa.Column(
            "alt", sa.LargeBinary(), nullable=False, comment="what it shows, in words, sealed"
        ),
    )
    op.create_table(
        "guide_link",
        sa.Column("digest", sa.LargeBinary(), primary_key=True, comment="SHA-256 of its token"),
        sa.Column("urn", sa.String(length=20), nullable=False, index=True),
        sa.Column("authority", sa.String(length=9), nullable=False),
        sa.Column("made_by", sa.String(length=200), nullable=False, comment="a name"),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("ends_at", Utc(), nullable=False),
    )
