"""Censuses of homes: who was asked and what they answered, and what was asked of homes run here."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    op.create_table(
        "census",
        sa.Column("id", sa.String(32), primary_key=True, comment="drawn at random"),
        sa.Column("area", sa.String(9), nullable=False, index=True, comment="that asks, GSS code"),
        sa.Column("as_at", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("begun_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("begun_at", Utc(), nullable=False),
        sa.Column("closed_at", Utc()),
    )
    op.create_table(
        "census_home",
        sa.Column(
            "number", sa.String(32), primary_key=True, comment="drawn here, names it on pages"
        ),
        sa.Column("census", sa.String(32), nullable=False, index=True, comment="census.id"),
        sa.Column("urn", sa.String(20), nullable=False),
        sa.Column("through", sa.String(9), comment="by whose node it was asked; null: by none"),
        sa.Column("claim", sa.String(32), comment="home_claim.id"),
        sa.Column(
            "link", sa.LargeBinary(), unique=True, comment="SHA-256 of the token of its link"
        ),
        sa.Column("link_ends_at", Utc()),
        sa.Column("reminded_at", Utc()),
        sa.Column("counts", sa.LargeBinary(), comment="what was answered, JSON, sealed"),
        sa.Column("answered_by", sa.String(200), comment="a name, as they gave it"),
        sa.Column("answered_at", Utc()),
        sa.UniqueConstraint("census", "urn", name="census_home_once"),
    )
    op.create_table(
        "census_asked",
        sa.Column("area", sa.String(9), primary_key=True, comment="that asks, GSS code"),
        sa.Column("census", sa.String(32), primary_key=True, comment="as they drew it"),
        sa.Column("claim", sa.String(32), primary_key=True, comment="provider_home.id"),
        sa.Column("as_at", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("came_at", Utc(), nullable=False, comment="the last, where it is a reminder"),
        sa.Column("answered_by", sa.String(200), comment="a name"),
        sa.Column("answered_at", Utc()),
    )
