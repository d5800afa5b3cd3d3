"""What authorities have checked of providers."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "diligence_check",
        sa.Column(
            "log",
            sa.Integer(),
            primary_key=True,
            autoincrement=False,
            comment="federation's number",
        ),
        sa.Column(
            "entry",
            sa.Integer(),
            primary_key=True,
            autoincrement=False,
            comment="index in that log",
        ),
        sa.Column("authority", sa.String(9), nullable=False, comment="that checked, GSS code"),
        sa.Column("item", sa.String(32), nullable=False),
        sa.Column("provider", sa.String(300), nullable=False, comment="in its plain spelling"),
        sa.Column("urn", sa.String(20)),
    )
    for name in ("item", "provider", "urn"):
        op.create_index(f"ix_diligence_check_{name}", "diligence_check", [name])
