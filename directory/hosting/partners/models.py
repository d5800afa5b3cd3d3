"""Partners in `node.db`: who they are, what each was told and opened, and what was told to us.

What a partner sees is read from the notice when it is opened, and lies nowhere else. Of a page's
token there is a digest alone, and of a partner's code a hash.
"""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from directory.database import node_metadata
from federation import Utc

partner = Table(
    "partner",
    node_metadata,
    Column("id", String(32), primary_key=True),
    Column("authority", String(9), nullable=False, index=True, comment="whose partner, GSS code"),
    Column("kind", String(20), nullable=False),
    Column("name", String(200), nullable=False, comment="of the team or body"),
    Column("telephone", String(40), nullable=False),
    Column("email", String(254), comment="where links go; none where it has a node"),
    Column("member", String(9), comment="GSS code of the member authority where its node is"),
    Column("purpose", String(300), nullable=False),
    Column("lawful_basis", String(300), nullable=False),
    Column("fields", Text, nullable=False, comment="JSON list: what it may see of a notice"),
    Column("code_hash", String(200), comment="argon2id, of the code that opens its pages"),
    Column("code_ends_at", Utc),
    Column("changed_at", Utc, nullable=False),
    Column("changed_by", String(200), nullable=False, comment="a name"),
    Column("ended_at", Utc, comment="from when it is told nothing more"),
)

partner_told = Table(
    "partner_told",
    node_metadata,
    Column("id", String(32), primary_key=True),
    Column("partner", String(32), ForeignKey(partner.c.id), nullable=False),
    Column("area_authority", String(9), nullable=False),
    Column("placing_authority", String(9), nullable=False),
    Column("notice", String(32), nullable=False, comment="received_notice.id"),
    Column("event", String(10), nullable=False, comment="placed, changed, ended or withdrawn"),
    Column("message", String(32), nullable=False, comment="by which we know of it"),
    Column("state", String(10), nullable=False, comment="waiting, sent, failed, told or over"),
    Column("queued_at", Utc, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt", Utc, nullable=False),
    Column("problem", String(300), comment="why it is not there yet, or failed"),
    Column("sent_at", Utc),
    Column("dispatch", String(32), comment="id in the outbox of what was sealed"),
    Column("token", LargeBinary, unique=True, comment="SHA-256 of the page's token"),
    Column("page_ends_at", Utc),
    Column("opened_at", Utc, comment="first"),
    Column("told_by", String(200), comment="who here told them by telephone"),
    UniqueConstraint("partner", "placing_authority", "notice", "message"),
    Index("partner_told_notice", "area_authority", "notice"),
    Index("partner_told_state", "state", "next_attempt"),
)

partner_opening = Table(
    "partner_opening",
    node_metadata,
    Column("id", String(32), primary_key=True),
    Column("told", String(32), ForeignKey(partner_told.c.id), nullable=False, index=True),
    Column("at", Utc, nullable=False),
    Column("by", String(200), nullable=False, comment="the name that whoever opened it gave"),
)

told_to_us = Table(
    "told_to_us",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="the message's id"),
    Column("sender", String(9), primary_key=True, comment="the authority of the area"),
    Column("authority", String(9), nullable=False, index=True, comment="ours that is the partner"),
    Column("notice", String(32), nullable=False, comment="what the sender knows it by"),
    Column("event", String(10), nullable=False),
    Column("body", LargeBinary, nullable=False, comment="partner-notice/1, sealed"),
    Column("received_at", Utc, nullable=False),
    Column("opened_at", Utc, comment="first"),
    Column("opened_by", String(200), comment="who here did it"),
)
