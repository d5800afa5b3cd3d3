"""What is staged may erase; and who has confirmed what this node's log erases."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column(
        "staged",
        sa.Column(
            "earlier",
            sa.Text(),
            nullable=True,
            comment="of an erasure: the entries that it names, in JSON",
        ),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("staged", "operation", comment="of the entry: publish, retire or erase")
    op.create_table(
        "erasure_receipt",
        sa.Column(
            "idx",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="of an entry of ours that erases",
        ),
        sa.Column(
            "node",
            sa.String(length=63),
            nullable=False,
            comment="the member that has obeyed it",
        ),
        sa.Column("receipt", sa.Text(), nullable=False, comment="signed by that member"),
        sa.Column("erased_at", Utc(), nullable=False, comment="by its clock"),
        sa.Column("received_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("idx", "node"),
    )
    op.create_table(
        "withheld",
        sa.Column(
            "reference",
            sa.String(length=120),
            nullable=False,
            comment="what the register does not publish again by itself",
        ),
        sa.Column("operation", sa.String(length=10), nullable=False, comment="retire or erase"),
        sa.Column("since", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("reference"),
    )
