"""Censuses in `node.db`: who was asked and what they answered, at the authority of the area; and
what was asked of homes whose staff have their accounts here. Numbers are sealed; they name nobody.
"""

from datetime import timedelta

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from directory.database import node_metadata
from federation import Utc

LINK_LASTS = timedelta(days=28)

census = Table(
    "census",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random"),
    Column("area", String(9), nullable=False, index=True, comment="that asks, GSS code"),
    Column("as_at", Date, nullable=False),
    Column("answer_by", Date, nullable=False),
    Column("begun_by", String(200), nullable=False, comment="a name"),
    Column("begun_at", Utc, nullable=False),
    Column("closed_at", Utc),
)

census_home = Table(
    "census_home",
    node_metadata,
    Column("number", String(32), primary_key=True, comment="drawn here, names it on pages"),
    Column("census", String(32), nullable=False, index=True, comment="census.id"),
    Column("urn", String(20), nullable=False),
    Column("through", String(9), comment="by whose node it was asked; null: by none"),
    Column("claim", String(32), comment="home_claim.id"),
    Column("link", LargeBinary, unique=True, comment="SHA-256 of the token of its link"),
    Column("link_ends_at", Utc),
    Column("reminded_at", Utc),
    Column("counts", LargeBinary, comment="what was answered, JSON, sealed"),
    Column("answered_by", String(200), comment="a name, as they gave it"),
    Column("answered_at", Utc),
    Column("mail", String(6), comment="of a link: queued, sent or failed; null: none"),
    Column("mail_queued_at", Utc),
    Column("mail_attempts", Integer, nullable=False, server_default="0"),
    Column("mail_next", Utc),
    Column("mail_sent_at", Utc),
    Column("mail_problem", String(300)),
    UniqueConstraint("census", "urn", name="census_home_once"),
    Index("census_home_mail", "mail", "mail_next"),
)

home_contact = Table(
    "home_contact",
    node_metadata,
    Column("area", String(9), primary_key=True, comment="whose officer entered it, GSS code"),
    Column("urn", String(20), primary_key=True),
    Column("email", String(254), nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("changed_by", String(200), nullable=False, comment="a name"),
)

census_asked = Table(
    "census_asked",
    node_metadata,
    Column("area", String(9), primary_key=True, comment="that asks, GSS code"),
    Column("census", String(32), primary_key=True, comment="as they drew it"),
    Column("claim", String(32), primary_key=True, comment="provider_home.id"),
    Column("as_at", Date, nullable=False),
    Column("answer_by", Date, nullable=False),
    Column("asked_by", String(200), nullable=False, comment="a name"),
    Column("came_at", Utc, nullable=False, comment="the last, where it is a reminder"),
    Column("answered_by", String(200), comment="a name"),
    Column("answered_at", Utc),
)
