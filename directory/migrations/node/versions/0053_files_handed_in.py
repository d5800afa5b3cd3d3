"""Guides, documents and due diligence that are handed in; what is withdrawn; what is told on."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0053"
down_revision = "0052"


def upgrade() -> None:
    op.create_table(
        "handed_in",
        sa.Column("id", sa.String(32), primary_key=True, comment="drawn here, names it on pages"),
        sa.Column("authority", sa.String(9), nullable=False, comment="where the home stands"),
        sa.Column("urn", sa.String(20), nullable=False, index=True),
        sa.Column("kind", sa.String(10), nullable=False, comment="guide or document"),
        sa.Column("through", sa.String(9), nullable=False, comment="to whom its outcome goes"),
        sa.Column("hand_in", sa.String(32), nullable=False, comment="as they drew it"),
        sa.Column("handed_in_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("handed_in_at", Utc, nullable=False),
        sa.Column("body", sa.LargeBinary, comment="of a guide what it says, JSON, sealed"),
        sa.UniqueConstraint("authority", "urn", "kind", name="handed_in_once"),
    )
    op.create_table(
        "handed_in_file",
        sa.Column("handed_in", sa.String(32), primary_key=True, comment="handed_in.id"),
        sa.Column("place", sa.Integer, primary_key=True, comment="from 0"),
        sa.Column("type", sa.String(80), nullable=False, comment="media type"),
        sa.Column("content", sa.LargeBinary, nullable=False, comment="the file, sealed"),
    )
    op.create_table(
        "diligence_file",
        sa.Column("item", sa.String(32), primary_key=True, comment="diligence_item.id"),
        sa.Column("type", sa.String(80), nullable=False, comment="media type"),
        sa.Column("size", sa.Integer, nullable=False, comment="bytes"),
        sa.Column("content", sa.LargeBinary, nullable=False, comment="the file, sealed"),
    )
    for column in (
        sa.Column("asked_of", sa.String(9), comment="who checks it; null: who vouches"),
        sa.Column("same_as", sa.String(32), comment="its id where it was given"),
        sa.Column("hand_in", sa.String(32), comment="by which it came, as they drew it"),
    ):
        op.add_column("diligence_item", column)
    op.create_index("ix_diligence_item_asked_of", "diligence_item", ["asked_of"])
    for column in (
        sa.Column("item", sa.String(32), comment="of due diligence: diligence_item.id"),
        sa.Column("withdrawn_by", sa.String(200), comment="a name; null: nobody took it back"),
        sa.Column("withdrawal", sa.String(32), comment="the message that takes it back"),
    ):
        op.add_column("own_hand_in", column)
    op.add_column(
        "statement_told",
        sa.Column("message", sa.String(32), comment="that tells the other side; null: none does"),
    )
