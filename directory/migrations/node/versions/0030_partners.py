"""Partners who are told of notices, what each was told and opened, and what was told to us."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "partner",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column(
            "authority", sa.String(9), nullable=False, index=True, comment="whose partner, GSS code"
        ),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("name", sa.String(200), nullable=False, comment="of the team or body"),
        sa.Column("telephone", sa.String(40), nullable=False),
        sa.Column("email", sa.String(254), comment="where links go; none where it has a node"),
        sa.Column(
            "member", sa.String(9), comment="GSS code of the member authority where its node is"
        ),
        sa.Column("purpose", sa.String(300), nullable=False),
        sa.Column("lawful_basis", sa.String(300), nullable=False),
        sa.Column(
            "fields", sa.Text, nullable=False, comment="JSON list: what it may see of a notice"
        ),
        sa.Column(
            "code_hash", sa.String(200), comment="argon2id, of the code that opens its pages"
        ),
        sa.Column("code_ends_at", Utc),
        sa.Column("changed_at", Utc, nullable=False),
        sa.Column("changed_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("ended_at", Utc, comment="from when it is told nothing more"),
    )
    op.create_table(
        "partner_told",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("partner", sa.String(32), sa.ForeignKey("partner.id"), nullable=False),
        sa.Column("area_authority", sa.String(9), nullable=False),
        sa.Column("placing_authority", sa.String(9), nullable=False),
        sa.Column("notice", sa.String(32), nullable=False, comment="received_notice.id"),
        sa.Column(
            "event", sa.String(10), nullable=False, comment="placed, changed, ended or withdrawn"
        ),
        sa.Column("message", sa.String(32), nullable=False, comment="by which we know of it"),
        sa.Column(
            "state", sa.String(10), nullable=False, comment="waiting, sent, failed, told or over"
        ),
        sa.Column("queued_at", Utc, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("next_attempt", Utc, nullable=False),
        sa.Column("problem", sa.String(300), comment="why it is not there yet, or failed"),
        sa.Column("sent_at", Utc),
        sa.Column("dispatch", sa.String(32), comment="id in the outbox of what was sealed"),
        sa.Column("token", sa.LargeBinary, unique=True, comment="SHA-256 of the page's token"),
        sa.Column("page_ends_at", Utc),
        sa.Column("opened_at", Utc, comment="first"),
        sa.Column("told_by", sa.String(200), comment="who here told them by telephone"),
        sa.UniqueConstraint("partner", "placing_authority", "notice", "message"),
    )
    op.create_index("partner_told_notice", "partner_told", ["area_authority", "notice"])
    op.create_index("partner_told_state", "partner_told", ["state", "next_attempt"])
    op.create_table(
        "partner_opening",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column(
            "told", sa.String(32), sa.ForeignKey("partner_told.id"), nullable=False, index=True
        ),
        sa.Column("at", Utc, nullable=False),
        sa.Column(
            "by", sa.String(200), nullable=False, comment="the name that whoever opened it gave"
        ),
    )
    op.create_table(
        "told_to_us",
        sa.Column("id", sa.String(32), primary_key=True, comment="the message's id"),
        sa.Column("sender", sa.String(9), primary_key=True, comment="the authority of the area"),
        sa.Column(
            "authority",
            sa.String(9),
            nullable=False,
            index=True,
            comment="ours that is the partner",
        ),
        sa.Column("notice", sa.String(32), nullable=False, comment="what the sender knows it by"),
        sa.Column("event", sa.String(10), nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False, comment="partner-notice/1, sealed"),
        sa.Column("received_at", Utc, nullable=False),
        sa.Column("opened_at", Utc, comment="first"),
        sa.Column("opened_by", sa.String(200), comment="who here did it"),
    )
