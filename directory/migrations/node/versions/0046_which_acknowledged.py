"""Which message acknowledged a notice that was sent: evidence names it."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    column = sa.Column("acknowledgement_message", sa.String(32), comment="that brought it")
    op.add_column("sent_notice", column)
