"""Files that go with a change of a notice: what they are, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    column = sa.Column("attachments", sa.LargeBinary, comment="what they are, sealed")
    op.add_column("notice_event", column)
