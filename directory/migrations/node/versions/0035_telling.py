"""Who was told of placements, and who was not and why."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    op.create_table(
        "telling",
        sa.Column("id", sa.String(32), primary_key=True, comment="drawn at random"),
        sa.Column("authority", sa.String(9), nullable=False, index=True, comment="that places"),
        sa.Column("placement", sa.String(32), sa.ForeignKey("placement.id"), nullable=False),
        sa.Column("event", sa.String(9), nullable=False, comment="placement or ending"),
        sa.Column(
            "kind", sa.String(30), nullable=False, comment="code of a recipient in the rules"
        ),
        sa.Column(
            "number",
            sa.Integer,
            nullable=False,
            comment="which of the recipients of this kind, from 0",
        ),
        sa.Column(
            "state",
            sa.String(10),
            nullable=False,
            comment="open, asked, withheld, told, not needed",
        ),
        sa.Column("how", sa.String(12), comment="letter, page, by hand or other system"),
        sa.Column("told_on", sa.Date),
        sa.Column("noted_by", sa.String(200), comment="who said so last"),
        sa.Column("asked_by", sa.String(100), comment="id of who asked that notice be withheld"),
        sa.Column("decided_by", sa.String(200), comment="who approved that"),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="a TellingFacts, sealed"),
        sa.Column("mail", sa.String(6), comment="of a link: queued, sent, failed or opened"),
        sa.Column("mail_attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("mail_next", Utc),
        sa.Column("mail_sent_at", Utc),
        sa.Column("mail_problem", sa.String(300)),
        sa.Column("token", sa.LargeBinary, unique=True, comment="SHA-256 of the link's token"),
        sa.Column("code_hash", sa.String(200), comment="argon2id, of the code that opens it"),
        sa.Column("page_ends_at", Utc),
        sa.Column("changed_at", Utc, nullable=False),
        sa.UniqueConstraint("placement", "event", "kind", "number"),
    )
    op.create_index("telling_mail", "telling", ["mail", "mail_next"])
