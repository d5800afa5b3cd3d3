"""What providers' staff write of their homes and hand in, and where the outcome goes."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "provider_draft",
        sa.Column(
            "claim",
            sa.String(length=32),
            primary_key=True,
            comment="of the home: provider_home.id",
        ),
        sa.Column("kind", sa.String(length=10), primary_key=True, comment="profile or statement"),
        sa.Column(
            "body", sa.LargeBinary(), nullable=False, comment="what was written so far, sealed"
        ),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.Column("changed_by", sa.String(length=200), nullable=False, comment="a name"),
    )
    op.create_table(
        "own_hand_in",
        sa.Column("seq", sa.Integer(), primary_key=True, comment="in the order in which they came"),
        sa.Column(
            "id",
            sa.String(length=32),
            nullable=False,
            unique=True,
            comment="at random; of the message too",
        ),
        sa.Column(
            "claim",
            sa.String(length=32),
            nullable=False,
            index=True,
            comment="provider_home.id",
        ),
        sa.Column("kind", sa.String(length=10), nullable=False, comment="profile or statement"),
        sa.Column(
            "through",
            sa.String(length=9),
            nullable=False,
            comment="who vouches for the staff, GSS code",
        ),
        sa.Column(
            "authority",
            sa.String(length=9),
            nullable=False,
            comment="where the home stands, GSS code",
        ),
        sa.Column(
            "record",
            sa.LargeBinary(),
            comment="as it was handed in, sealed; null once published",
        ),
        sa.Column(
            "digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the record, sealed"
        ),
        sa.Column("handed_in_by", sa.String(length=200), nullable=False, comment="a name"),
        sa.Column("handed_in_at", Utc(), nullable=False),
        sa.Column(
            "outcome",
            sa.String(length=10),
            comment="published, returned or refused; null while it waits",
        ),
        sa.Column("answered_at", Utc()),
        sa.Column("reason", sa.LargeBinary(), comment="why it was returned or refused, sealed"),
    )
    op.create_table(
        "taken_hand_in",
        sa.Column(
            "through",
            sa.String(length=9),
            primary_key=True,
            comment="who vouches for the staff, GSS code",
        ),
        sa.Column("id", sa.String(length=32), primary_key=True, comment="as they drew it"),
        sa.Column(
            "claim", sa.String(length=32), nullable=False, index=True, comment="home_claim.id"
        ),
        sa.Column("reference", sa.String(length=120), nullable=False, comment="of the record"),
        sa.Column("sent_at", Utc(), nullable=False, comment="by the sender's clock"),
        sa.Column("taken_at", Utc(), nullable=False),
    )
    op.add_column(
        "held_record",
        sa.Column(
            "hand_in", sa.String(length=32), comment="of a provider's staff, as they drew it"
        ),
    )
    op.add_column(
        "held_record",
        sa.Column("through", sa.String(length=9), comment="to whom its outcome goes, GSS code"),
    )
