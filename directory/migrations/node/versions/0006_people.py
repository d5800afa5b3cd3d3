"""People with accounts."""

import sqlalchemy as sa
from alembic import op

from federation import Utc

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "person",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("email", sa.String(254), nullable=False, unique=True, comment="in lower case"),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column(
            "password_hash", sa.String(200), comment="argon2id, encoded; none until a link is used"
        ),
        sa.Column(
            "totp_secret", sa.LargeBinary, comment="of the second factor; none until it is set up"
        ),
        sa.Column(
            "totp_pending", sa.LargeBinary, comment="a secret that no code has confirmed yet"
        ),
        sa.Column("totp_step", sa.BigInteger, comment="time step of the last code used (RFC 6238)"),
        sa.Column("created_at", Utc, nullable=False),
        sa.Column("disabled_at", Utc),
    )
    op.create_table(
        "role_grant",
        sa.Column("person", sa.String(32), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("role", sa.String(40), primary_key=True),
        sa.Column(
            "authority", sa.String(9), primary_key=True, comment="GSS code; empty: the whole node"
        ),
        sa.Column(
            "provider", sa.String(200), comment="whose staff they are, for the role of a provider"
        ),
        sa.Column("granted_by", sa.String(80), nullable=False, comment="as the audit names them"),
        sa.Column("granted_at", Utc, nullable=False),
    )
    op.create_table(
        "recovery_code",
        sa.Column("person", sa.String(32), sa.ForeignKey("person.id"), primary_key=True),
        sa.Column("digest", sa.LargeBinary(32), primary_key=True),
    )
    op.create_table(
        "session",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True, comment="of the cookie's token"),
        sa.Column(
            "id", sa.String(16), nullable=False, unique=True, comment="names it to its owner"
        ),
        sa.Column("person", sa.String(32), sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("stage", sa.String(20), nullable=False),
        sa.Column("browser", sa.String(60), nullable=False),
        sa.Column("started_at", Utc, nullable=False),
        sa.Column("used_at", Utc, nullable=False),
        sa.Column("ends_at", Utc, nullable=False),
    )
    op.create_table(
        "link",
        sa.Column("digest", sa.LargeBinary(32), primary_key=True, comment="of the link's token"),
        sa.Column("person", sa.String(32), sa.ForeignKey("person.id"), nullable=False, index=True),
        sa.Column("made_by", sa.String(80), nullable=False, comment="as the audit names them"),
        sa.Column("ends_at", Utc, nullable=False),
    )
    op.create_table(
        "failed_attempt",
        sa.Column("key", sa.LargeBinary(32), primary_key=True, comment="digest of what is counted"),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("latest_at", Utc, nullable=False, index=True),
        sa.Column("paused_until", Utc),
    )
