"""Accounts in `node.db`: people, their roles, and what they prove themselves with.

No password, code, token or link stands in it as it is typed or sent: only hashes, from which it
cannot be had back.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, LargeBinary, String, Table, Text

from directory.database import node_metadata
from federation import Utc

DIGEST_SIZE = 32

person = Table(
    "person",
    node_metadata,
    Column("id", String(32), primary_key=True),
    Column("email", String(254), nullable=False, unique=True, comment="in lower case"),
    Column("name", String(100), nullable=False),
    Column("password_hash", String(200), comment="argon2id, encoded; none until a link is used"),
    Column("totp_secret", LargeBinary, comment="of the second factor; none until it is set up"),
    Column("totp_pending", LargeBinary, comment="a secret that no code has confirmed yet"),
    Column("totp_step", BigInteger, comment="time step of the last code used (RFC 6238)"),
    Column("created_at", Utc, nullable=False),
    Column("disabled_at", Utc),
)

role_grant = Table(
    "role_grant",
    node_metadata,
    Column("person", String(32), ForeignKey(person.c.id), primary_key=True),
    Column("role", String(40), primary_key=True),
    Column("authority", String(9), primary_key=True, comment="GSS code; empty: the whole node"),
    Column("provider", String(200), comment="whose staff they are, for the role of a provider"),
    Column("granted_by", String(80), nullable=False, comment="as the audit names them"),
    Column("granted_at", Utc, nullable=False),
)

recovery_code = Table(
    "recovery_code",
    node_metadata,
    Column("person", String(32), ForeignKey(person.c.id), primary_key=True),
    Column("digest", LargeBinary(DIGEST_SIZE), primary_key=True),
)

session = Table(
    "session",
    node_metadata,
    Column("digest", LargeBinary(DIGEST_SIZE), primary_key=True, comment="of the cookie's token"),
    Column("id", String(16), nullable=False, unique=True, comment="names it to its owner"),
    Column("person", String(32), ForeignKey(person.c.id), nullable=False, index=True),
    Column("stage", String(20), nullable=False),
    Column("browser", String(60), nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("used_at", Utc, nullable=False),
    Column("ends_at", Utc, nullable=False),
)

link = Table(
    "link",
    node_metadata,
    Column("digest", LargeBinary(DIGEST_SIZE), primary_key=True, comment="of the link's token"),
    Column("person", String(32), ForeignKey(person.c.id), nullable=False, index=True),
    Column("made_by", String(80), nullable=False, comment="as the audit names them"),
    Column("ends_at", Utc, nullable=False),
)

failed_attempt = Table(
    "failed_attempt",
    node_metadata,
    Column("key", LargeBinary(DIGEST_SIZE), primary_key=True, comment="digest of what is counted"),
    Column("failures", Integer, nullable=False),
    Column("latest_at", Utc, nullable=False, index=True),
    Column("paused_until", Utc),
)

outside_identity = Table(
    "outside_identity",
    node_metadata,
    Column("issuer", String(200), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("person", String(32), ForeignKey(person.c.id), nullable=False),
    Column("authority", String(9), nullable=False, comment="for whom the issuer speaks"),
)

outside_attempt = Table(
    "outside_attempt",
    node_metadata,
    Column("state", LargeBinary(DIGEST_SIZE), primary_key=True, comment="digest"),
    Column("visit", LargeBinary(DIGEST_SIZE), nullable=False, comment="digest of the cookie"),
    Column("authority", String(9), nullable=False),
    Column("nonce", String(64), nullable=False),
    Column("verifier", String(64), nullable=False, comment="RFC 7636"),
    Column("onwards", Text, comment="path to go on to"),
    Column("ends_at", Utc, nullable=False),
)
