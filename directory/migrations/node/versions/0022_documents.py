"""Full documents of homes: those that are kept, who asked for them, and what we asked for."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "full_document",
        sa.Column("urn", sa.String(length=20), primary_key=True),
        sa.Column(
            "authority",
            sa.String(length=9),
            nullable=False,
            comment="where the home stands, GSS code",
        ),
        sa.Column(
            "id", sa.String(length=32), nullable=False, comment="of this file, drawn at random"
        ),
        sa.Column("type", sa.String(length=80), nullable=False, comment="media type"),
        sa.Column("size", sa.Integer(), nullable=False, comment="bytes"),
        sa.Column("content", sa.LargeBinary(), nullable=False, comment="the file, sealed"),
        sa.Column("kept_at", Utc(), nullable=False),
        sa.Column("kept_by", sa.String(length=200), nullable=False, comment="a name"),
    )
    op.create_table(
        "document_asked",
        sa.Column(
            "number",
            sa.String(length=32),
            primary_key=True,
            comment="drawn here, names it on pages",
        ),
        sa.Column(
            "asker",
            sa.String(length=9),
            nullable=False,
            comment="the authority that asks, GSS code",
        ),
        sa.Column("id", sa.String(length=32), nullable=False, comment="as they drew it"),
        sa.Column(
            "authority",
            sa.String(length=9),
            nullable=False,
            index=True,
            comment="that was asked",
        ),
        sa.Column("urn", sa.String(length=20), nullable=False, index=True),
        sa.Column("asked_by", sa.String(length=200), nullable=False, comment="a name"),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False, comment="sealed"),
        sa.Column(
            "state", sa.String(length=10), nullable=False, comment="waiting, given or refused"
        ),
        sa.Column("decided_by", sa.String(length=200), comment="a name; null: by the rule"),
        sa.Column("decided_at", Utc()),
        sa.Column("message", sa.String(length=32), comment="that carries the document"),
        sa.UniqueConstraint("asker", "id", name="document_asked_once"),
    )
    op.create_table(
        "document_asking",
        sa.Column("id", sa.String(length=32), primary_key=True, comment="of the message that asks"),
        sa.Column(
            "authority",
            sa.String(length=9),
            nullable=False,
            index=True,
            comment="that asks, GSS code",
        ),
        sa.Column("urn", sa.String(length=20), nullable=False),
        sa.Column(
            "area", sa.String(length=9), nullable=False, comment="where the home stands, GSS code"
        ),
        sa.Column(
            "asked_by", sa.String(length=200), nullable=False, comment="as the audit names them"
        ),
        sa.Column("asked_name", sa.String(length=200), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), comment="sealed"),
        sa.Column(
            "state", sa.String(length=10), nullable=False, comment="asked, here, refused or ended"
        ),
        sa.Column("answered_at", Utc()),
        sa.Column("refusal", sa.LargeBinary(), comment="why it was refused, sealed"),
        sa.Column("message", sa.String(length=32), comment="that brought the document"),
        sa.Column("attachment", sa.LargeBinary(), comment="what opens it, sealed"),
        sa.Column("ends_at", Utc(), comment="when it is destroyed here"),
    )
