"""What providers give to be checked once, and what came of it."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "diligence_item",
        sa.Column(
            "id", sa.String(32), primary_key=True, comment="drawn at random; in every check of it"
        ),
        sa.Column(
            "through", sa.String(9), nullable=False, comment="who vouches for the staff, GSS code"
        ),
        sa.Column("provider", sa.String(200), nullable=False),
        sa.Column("urn", sa.String(20), comment="of the home that it is about; null: the provider"),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("issuer", sa.String(300), nullable=False),
        sa.Column("reference", sa.String(60)),
        sa.Column("valid_from", sa.Date),
        sa.Column("valid_until", sa.Date),
        sa.Column("entered_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("entered_at", Utc, nullable=False),
        sa.Column(
            "state", sa.String(12), nullable=False, comment="waiting, or what came of the check"
        ),
        sa.Column("decided_by", sa.String(200), comment="a name"),
        sa.Column("decided_at", Utc),
        sa.Column(
            "reason", sa.LargeBinary, comment="why it is not in order, or was withdrawn; sealed"
        ),
    )
    op.create_index("diligence_item_whose", "diligence_item", ["through", "provider"])
