"""Many who were told before their placements came here."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0048"
down_revision = "0047"


def upgrade() -> None:
    op.add_column(
        "telling",
        sa.Column("before", sa.String(32), comment="id of what noted many at once"),
    )
    op.create_index("ix_telling_before", "telling", ["before"])
    op.create_table(
        "told_before",
        sa.Column("id", sa.String(32), primary_key=True, comment="drawn at random"),
        sa.Column("authority", sa.String(9), nullable=False, index=True, comment="that places"),
        sa.Column(
            "came_with", sa.String(32), comment="the import; null: placements that were chosen"
        ),
        sa.Column(
            "kinds", sa.String(300), nullable=False, comment="codes of recipients, comma between"
        ),
        sa.Column("told_on", sa.Date, nullable=False),
        sa.Column("how", sa.String(12), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="a BeforeFacts, sealed"),
        sa.Column("recipients", sa.Integer, nullable=False, comment="how many it noted"),
        sa.Column("made_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("made_at", Utc, nullable=False),
        sa.Column("undone_by", sa.String(200), comment="a name"),
        sa.Column("undone_at", Utc),
    )
