"""Registrations of lists since 2015, and the unredacted list."""

import sqlalchemy as sa
from alembic import op

import federation

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("registration") as registration:
        registration.alter_column(
            "registered_on",
            existing_type=sa.Date(),
            nullable=True,
            comment="null: no list has said",
        )
        registration.add_column(
            sa.Column(
                "grades_as_written",
                sa.String(length=300),
                nullable=True,
                comment="words that are not today's; null: none",
            )
        )
    op.create_table(
        "unredacted",
        sa.Column("urn", sa.String(length=20), nullable=False),
        sa.Column("provider_type", sa.String(length=300), nullable=True),
        sa.Column(
            "authority_gss",
            sa.String(length=9),
            nullable=True,
            comment="null: not one of England's today",
        ),
        sa.Column("facts", sa.Text(), nullable=False, comment="JSON: text by heading, as listed"),
        sa.Column(
            "imported_at", federation.database.Utc(timezone=True), nullable=False, comment="UTC"
        ),
        sa.PrimaryKeyConstraint("urn"),
    )
    op.create_index("unredacted_authority", "unredacted", ["authority_gss"], unique=False)
