"""The homes that providers run: as their staff see it, and as authorities decide it."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    op.create_table(
        "provider_home",
        sa.Column("id", sa.String(32), primary_key=True, comment="of the claim, drawn at random"),
        sa.Column(
            "through", sa.String(9), nullable=False, comment="who vouches for the staff, GSS code"
        ),
        sa.Column("provider", sa.String(200), nullable=False),
        sa.Column("urn", sa.String(20), nullable=False),
        sa.Column(
            "authority", sa.String(9), nullable=False, comment="where the home stands, GSS code"
        ),
        sa.Column(
            "state", sa.String(10), nullable=False, comment="asked, confirmed, refused or ended"
        ),
        sa.Column("asked_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("asked_at", Utc, nullable=False),
        sa.Column("answered_at", Utc),
        sa.Column("reason", sa.LargeBinary, comment="why it was refused or ended, sealed"),
        sa.UniqueConstraint("through", "provider", "urn", name="provider_home_once"),
    )
    op.create_table(
        "home_claim",
        sa.Column(
            "number", sa.String(32), primary_key=True, comment="drawn here, names it on pages"
        ),
        sa.Column(
            "through", sa.String(9), nullable=False, comment="who vouches for the staff, GSS code"
        ),
        sa.Column("id", sa.String(32), nullable=False, comment="as they drew it"),
        sa.Column(
            "authority", sa.String(9), nullable=False, index=True, comment="where the home stands"
        ),
        sa.Column("provider", sa.String(200), nullable=False),
        sa.Column("urn", sa.String(20), nullable=False, index=True),
        sa.Column(
            "state", sa.String(10), nullable=False, comment="asked, confirmed, refused or ended"
        ),
        sa.Column("asked_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("asked_at", Utc, nullable=False),
        sa.Column("decided_by", sa.String(200), comment="a name"),
        sa.Column("decided_at", Utc),
        sa.UniqueConstraint("through", "id", name="home_claim_once"),
    )
