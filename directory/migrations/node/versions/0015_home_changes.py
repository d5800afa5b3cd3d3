"""What lists have changed about homes, and which authority has seen it."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "home_change",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("urn", sa.String(20), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False, comment="new, changed, closed or back"),
        sa.Column("name", sa.String(300), comment="null: redacted"),
        sa.Column(
            "authority", sa.String(9), comment="where it stands now, or stood; null: not known"
        ),
        sa.Column(
            "differences", sa.Text, nullable=False, comment="JSON: what, before and after, each"
        ),
        sa.Column("as_at", sa.Date, comment="day of the list; null: undated"),
        sa.Column("noted_at", Utc, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("home_change_authority", "home_change", ["authority"])
    op.create_table(
        "home_change_seen",
        sa.Column(
            "change",
            sa.Integer,
            sa.ForeignKey("home_change.id"),
            primary_key=True,
            autoincrement=False,
        ),
        sa.Column(
            "authority", sa.String(9), primary_key=True, comment="whose officers have seen it"
        ),
        sa.Column("seen_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("seen_at", Utc, nullable=False),
    )
