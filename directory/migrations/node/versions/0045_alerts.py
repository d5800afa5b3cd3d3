"""Who follows what authorities want, who has seen what changed where children live, and which
alerts go out by email.
"""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.create_table(
        "wanted_follow",
        sa.Column(
            "person",
            sa.String(80),
            primary_key=True,
            comment="as the audit names them",
        ),
        sa.Column(
            "authority", sa.String(9), primary_key=True, comment="GSS code; empty: all of them"
        ),
        sa.Column(
            "seen", sa.Text, nullable=False, comment="JSON: a digest of each part, at the last look"
        ),
    )
    op.create_table(
        "lived_in_seen",
        sa.Column("who", sa.String(80), primary_key=True, comment="as the audit names them"),
        sa.Column("authority", sa.String(9), primary_key=True, comment="GSS code"),
        sa.Column("side", sa.String(7), primary_key=True, comment="placing or area"),
        sa.Column(
            "newest", sa.Integer, nullable=False, comment="home_change.id: seen up to this one"
        ),
        sa.Column("seen_at", Utc, nullable=False),
    )
    op.create_table(
        "alert_mail",
        sa.Column("person", sa.String(32), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column(
            "topics", sa.String(200), nullable=False, comment="of which they are told, with spaces"
        ),
        sa.Column(
            "told", sa.LargeBinary, comment="what they were told of, sealed; null: nothing yet"
        ),
        sa.Column(
            "attempts", sa.Integer, nullable=False, comment="to hand over the email that waits"
        ),
        sa.Column("queued_at", Utc, comment="when the email that waits was due; null: none waits"),
        sa.Column("next_look", Utc, index=True, comment="null: the address was refused for good"),
        sa.Column("sent_at", Utc, comment="of the last email"),
        sa.Column("problem", sa.String(200), comment="why one has not left"),
    )
