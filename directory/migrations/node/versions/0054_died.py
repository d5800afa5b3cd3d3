"""That a child died: the day, sealed, beside the notice on either side and the child."""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"


def upgrade() -> None:
    for table in ("sent_notice", "received_notice", "child"):
        op.add_column(
            table,
            sa.Column("died_on", sa.LargeBinary, comment="the day, sealed; null: nobody said so"),
        )
