"""Who lives in homes: providers' lists, what homes tell, what is asked where that is missing."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    op.create_table(
        "home_resident",
        sa.Column("id", sa.String(32), primary_key=True, comment="of the stay, drawn at random"),
        sa.Column("claim", sa.String(32), nullable=False, index=True, comment="provider_home.id"),
        sa.Column("lives_here", sa.Boolean(), nullable=False, comment="false: was discharged"),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="home-notice/1, sealed"),
        sa.Column(
            "message", sa.String(32), comment="by which it was told; null: there was nobody to tell"
        ),
        sa.Column("kept_at", Utc(), nullable=False),
        sa.Column("kept_by", sa.String(200), nullable=False, comment="a name"),
    )
    op.create_table(
        "home_notice",
        sa.Column(
            "number", sa.String(32), primary_key=True, comment="drawn here, names it on pages"
        ),
        sa.Column(
            "through", sa.String(9), nullable=False, comment="who vouches for the staff, GSS code"
        ),
        sa.Column("stay", sa.String(32), nullable=False, comment="as they drew it"),
        sa.Column(
            "area", sa.String(9), nullable=False, index=True, comment="where the home stands"
        ),
        sa.Column("claim", sa.String(32), nullable=False, index=True, comment="home_claim.id"),
        sa.Column("urn", sa.String(20), nullable=False),
        sa.Column("placing_authority", sa.String(9), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="home-notice/1, sealed"),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ended_on", sa.Date()),
        sa.Column("told_at", Utc(), nullable=False, comment="by the sender's clock"),
        sa.Column("received_at", Utc(), nullable=False, comment="when the first of it came"),
        sa.Column("notice", sa.String(32), comment="received_notice.id of the same child"),
        sa.Column("match", sa.String(10), comment="certain, probable or confirmed; null: none"),
        sa.Column(
            "differs", sa.String(60), comment="in what a probable one does: name, day, home …"
        ),
        sa.Column("matched_by", sa.String(200), comment="a name; null: by the rule"),
        sa.Column("matched_at", Utc()),
        sa.UniqueConstraint("through", "stay", name="home_notice_once"),
    )
    op.create_table(
        "home_notice_kept_apart",
        sa.Column("number", sa.String(32), primary_key=True, comment="home_notice.number"),
        sa.Column("notice", sa.String(32), primary_key=True, comment="received_notice.id"),
        sa.Column("said_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("said_at", Utc(), nullable=False),
    )
    op.create_table(
        "resident_asking",
        sa.Column(
            "id",
            sa.String(32),
            primary_key=True,
            comment="of the message, also where none was sent",
        ),
        sa.Column("area", sa.String(9), nullable=False, index=True, comment="that asks, GSS code"),
        sa.Column("party", sa.String(7), nullable=False, comment="placing or home"),
        sa.Column(
            "about", sa.String(32), nullable=False, comment="home_notice.number, received_notice.id"
        ),
        sa.Column("asked", sa.String(9), comment="to whose node it went; null: by letter"),
        sa.Column("asked_by", sa.String(200), nullable=False, comment="a name"),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("said", sa.String(10), comment="follows or unknown; null: no answer yet"),
        sa.Column("answered_by", sa.String(200), comment="a name, as they gave it"),
        sa.Column("answered_at", Utc()),
    )
    op.create_table(
        "resident_asked",
        sa.Column(
            "number", sa.String(32), primary_key=True, comment="drawn here, names it on pages"
        ),
        sa.Column("area", sa.String(9), nullable=False, comment="that asks, GSS code"),
        sa.Column("id", sa.String(32), nullable=False, comment="as they drew it"),
        sa.Column("authority", sa.String(9), nullable=False, index=True, comment="that was asked"),
        sa.Column(
            "claim", sa.String(32), index=True, comment="provider_home.id; null: of a placement"
        ),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="what was asked, sealed"),
        sa.Column("came_at", Utc(), nullable=False),
        sa.Column("said", sa.String(10), comment="follows or unknown; null: no answer yet"),
        sa.Column("answered_by", sa.String(200), comment="a name"),
        sa.Column("answered_at", Utc()),
        sa.UniqueConstraint("area", "id", name="resident_asked_once"),
    )
