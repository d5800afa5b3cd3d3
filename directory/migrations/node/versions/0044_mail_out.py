"""Emails that have left and may still come back; homes asked by email in a census."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0044"
down_revision = "0043"


def upgrade() -> None:
    op.create_table(
        "mail_out",
        sa.Column(
            "receipt", sa.String(200), primary_key=True, comment="Message-ID, or the id at Notify"
        ),
        sa.Column(
            "about", sa.String(10), nullable=False, comment="letter, partner, census or reminder"
        ),
        sa.Column("record", sa.String(32), nullable=False, comment="of what it is about"),
        sa.Column("sent_at", Utc(), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_look", Utc(), nullable=False, index=True),
    )
    with op.batch_alter_table("census_home") as batch:
        batch.add_column(
            sa.Column("mail", sa.String(6), comment="of a link: queued, sent or failed; null: none")
        )
        batch.add_column(sa.Column("mail_queued_at", Utc()))
        batch.add_column(
            sa.Column("mail_attempts", sa.Integer(), nullable=False, server_default="0")
        )
        batch.add_column(sa.Column("mail_next", Utc()))
        batch.add_column(sa.Column("mail_sent_at", Utc()))
        batch.add_column(sa.Column("mail_problem", sa.String(300)))
        batch.create_index("census_home_mail", ["mail", "mail_next"])
    op.create_table(
        "home_contact",
        sa.Column(
            "area", sa.String(9), primary_key=True, comment="whose officer entered it, GSS code"
        ),
        sa.Column("urn", sa.String(20), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False, comment="a name"),
    )
