"""Systems of providers, beside those of authorities."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.add_column(
        "system",
        sa.Column("provider", sa.String(200), comment="whose it is; null: the authority's own"),
    )
