"""The first schema."""

import sqlalchemy as sa
from alembic import op

import federation

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "assertion",
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("jti", sa.String(length=64), nullable=False),
        sa.Column("expires", federation.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("node", "jti"),
    )
    op.create_table(
        "current",
        sa.Column("reference", sa.String(length=120), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False, comment="entry of our log that is current"),
        sa.PrimaryKeyConstraint("reference"),
    )
    op.create_table(
        "entry",
        sa.Column("log", sa.Integer(), nullable=False),
        sa.Column("idx", sa.Integer(), nullable=False),
        sa.Column(
            "raw", sa.LargeBinary(), nullable=False, comment="exact bytes, hashed into the tree"
        ),
        sa.Column("blob", sa.LargeBinary(), nullable=True, comment="salt and record, exact bytes"),
        sa.Column("payload", sa.Integer(), nullable=False, comment="Payload"),
        sa.UniqueConstraint("log", "idx", name="entry_log_idx"),
    )
    wanting = sa.text("payload = 1")
    op.create_index(
        "entry_wanting", "entry", ["log", "idx"], sqlite_where=wanting, postgresql_where=wanting
    )
    op.create_table(
        "inbox",
        sa.Column("sender", sa.String(length=9), nullable=False),
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("recipient", sa.String(length=9), nullable=False),
        sa.Column("signed_digest", sa.String(length=43), nullable=False),
        sa.Column("received_at", federation.database.Utc(timezone=True), nullable=False),
        sa.Column(
            "receipt", sa.Text(), nullable=False, comment="what we answered, and answer again"
        ),
        sa.PrimaryKeyConstraint("sender", "id"),
    )
    op.create_table(
        "log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("origin", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="entries held, all verified"),
        sa.Column("frontier", sa.LargeBinary(), nullable=False, comment="compact range over them"),
        sa.Column(
            "checkpoint", sa.LargeBinary(), nullable=True, comment="latest signed note, as it came"
        ),
        sa.Column("verified_at", federation.database.Utc(timezone=True), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True, comment="why following does not get on"),
        sa.Column("trouble_since", federation.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("node"),
        sa.UniqueConstraint("origin"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("sender", sa.String(length=9), nullable=False),
        sa.Column("recipient", sa.String(length=9), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sealed_digest", sa.String(length=43), nullable=False),
        sa.Column("signed_digest", sa.String(length=43), nullable=False),
        sa.Column("queued_at", federation.database.Utc(timezone=True), nullable=False),
        sa.Column("expires", federation.database.Utc(timezone=True), nullable=False),
        sa.Column(
            "state",
            sa.String(length=10),
            nullable=False,
            comment="waiting, stored, refused or expired",
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt", federation.database.Utc(timezone=True), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True, comment="why it is not there yet"),
        sa.Column("receipt", sa.Text(), nullable=True, comment="signed by the recipient"),
        sa.Column("answered_at", federation.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("outbox_due", "outbox", ["state", "next_attempt"], unique=False)
    op.create_table(
        "ping",
        sa.Column(
            "node", sa.String(length=63), nullable=False, comment="a member whose log has grown"
        ),
        sa.PrimaryKeyConstraint("node"),
    )
    op.create_table(
        "staged",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "reference", sa.String(length=120), nullable=False, comment="what this is a version of"
        ),
        sa.Column("blob", sa.LargeBinary(), nullable=False),
        sa.Column("staged_at", federation.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subtree",
        sa.Column("log", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("idx", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False, comment="root over 256**level entries"),
        sa.PrimaryKeyConstraint("log", "level", "idx"),
    )
    op.create_table(
        "token",
        sa.Column(
            "digest",
            sa.LargeBinary(),
            nullable=False,
            comment="SHA-256; the token itself is not kept",
        ),
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("expires", federation.database.Utc(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_table(
        "list_import",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=255), nullable=False),
        sa.Column(
            "sha256", sa.String(length=64), nullable=False, comment="of the file, hexadecimal"
        ),
        sa.Column("as_at", sa.Date(), nullable=True, comment="null: the list has no date"),
        sa.Column(
            "imported_at", federation.database.Utc(timezone=True), nullable=False, comment="UTC"
        ),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("usable", sa.Integer(), nullable=False),
        sa.Column("joined", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("problems", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "published",
        sa.Column(
            "reference",
            sa.String(length=120),
            nullable=False,
            comment="schema and identity of a record",
        ),
        sa.Column("digest", sa.LargeBinary(), nullable=False, comment="SHA-256 of the record"),
        sa.PrimaryKeyConstraint("reference"),
    )
    op.create_table(
        "received_notice",
        sa.Column("id", sa.String(length=32), nullable=False, comment="the message's id"),
        sa.Column("placing_authority", sa.String(length=9), nullable=False),
        sa.Column("area_authority", sa.String(length=9), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="notice/1"),
        sa.Column("received_at", federation.database.Utc(timezone=True), nullable=False),
        sa.Column("acknowledged_at", federation.database.Utc(timezone=True), nullable=True),
        sa.Column(
            "acknowledgement_message",
            sa.String(length=32),
            nullable=True,
            comment="id of our answer in the outbox",
        ),
        sa.PrimaryKeyConstraint("id", "placing_authority"),
    )
    op.create_index(
        op.f("ix_received_notice_area_authority"),
        "received_notice",
        ["area_authority"],
        unique=False,
    )
    op.create_table(
        "registration",
        sa.Column("urn", sa.String(length=20), nullable=False),
        sa.Column("provision_type", sa.String(length=80), nullable=False),
        sa.Column("registered_on", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=True, comment="null: redacted"),
        sa.Column(
            "authority_gss", sa.String(length=9), nullable=True, comment="null: outside England"
        ),
        sa.Column("authority_as_written", sa.String(length=300), nullable=True),
        sa.Column("region", sa.String(length=300), nullable=True),
        sa.Column("sector", sa.String(length=40), nullable=False),
        sa.Column("places", sa.Integer(), nullable=True, comment="null: not listed"),
        sa.Column("short_breaks_only", sa.Boolean(), nullable=False),
        sa.Column("multi_building", sa.Boolean(), nullable=False),
        sa.Column("owner", sa.String(length=300), nullable=True),
        sa.Column("inspected_on", sa.Date(), nullable=True, comment="null: not yet inspected"),
        sa.Column("published_on", sa.Date(), nullable=True),
        sa.Column("event_number", sa.String(length=300), nullable=True),
        sa.Column("event_type", sa.String(length=300), nullable=True),
        sa.Column("overall", sa.String(length=40), nullable=True),
        sa.Column("education", sa.String(length=40), nullable=True),
        sa.Column("health", sa.String(length=40), nullable=True),
        sa.Column("protection", sa.String(length=40), nullable=True),
        sa.Column("leadership", sa.String(length=40), nullable=True),
        sa.Column(
            "listed_as_at",
            sa.Date(),
            nullable=True,
            comment="day of the newest list that names it; null: undated",
        ),
        sa.Column(
            "left_as_at",
            sa.Date(),
            nullable=True,
            comment="day of the list that no longer names it; null: listed",
        ),
        sa.PrimaryKeyConstraint("urn"),
    )
    op.create_index("registration_authority", "registration", ["authority_gss"], unique=False)
    op.create_table(
        "sent_notice",
        sa.Column("id", sa.String(length=32), nullable=False, comment="the message's id"),
        sa.Column("placing_authority", sa.String(length=9), nullable=False),
        sa.Column("area_authority", sa.String(length=9), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False, comment="notice/1"),
        sa.Column("sent_at", federation.database.Utc(timezone=True), nullable=False),
        sa.Column("acknowledgement", sa.LargeBinary(), nullable=True, comment="acknowledgement/1"),
        sa.Column("acknowledged_at", federation.database.Utc(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        op.f("ix_sent_notice_placing_authority"), "sent_notice", ["placing_authority"], unique=False
    )
