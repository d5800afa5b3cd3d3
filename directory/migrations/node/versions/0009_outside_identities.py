"""People whom their authority signs in, by OpenID Connect."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "outside_identity",
        sa.Column("issuer", sa.String(200), primary_key=True),
        sa.Column("subject", sa.String(255), primary_key=True),
        sa.Column("person", sa.String(32), sa.ForeignKey("person.id"), nullable=False),
        sa.Column("authority", sa.String(9), nullable=False, comment="for whom the issuer speaks"),
    )
    op.create_table(
        "outside_attempt",
        sa.Column("state", sa.LargeBinary(32), primary_key=True, comment="digest"),
        sa.Column("visit", sa.LargeBinary(32), nullable=False, comment="digest of the cookie"),
        sa.Column("authority", sa.String(9), nullable=False),
        sa.Column("nonce", sa.String(64), nullable=False),
        sa.Column("verifier", sa.String(64), nullable=False, comment="RFC 7636"),
        sa.Column("onwards", sa.Text, comment="path to go on to"),
        sa.Column("ends_at", Utc, nullable=False),
    )
