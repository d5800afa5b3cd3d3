"""Notices in `node.db`: those sent for our authorities, and those received for them.

What is sealed is opened by `directory.vault` alone.
"""

from sqlalchemy import Column, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

sent_notice = Table(
    "sent_notice",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="the message's id"),
    Column("placing_authority", String(9), nullable=False, index=True),
    Column("area_authority", String(9), nullable=False),
    Column("body", LargeBinary, nullable=False, comment="notice/1, sealed"),
    Column("sent_at", Utc, nullable=False),
    Column("acknowledgement", LargeBinary, comment="acknowledgement/1, sealed"),
    Column("acknowledged_at", Utc),
    Column("attachments", LargeBinary, comment="what they are, sealed"),
)

received_notice = Table(
    "received_notice",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="the message's id"),
    Column("placing_authority", String(9), primary_key=True),
    Column("area_authority", String(9), nullable=False, index=True),
    Column("body", LargeBinary, nullable=False, comment="notice/1, sealed"),
    Column("received_at", Utc, nullable=False),
    Column("acknowledged_at", Utc),
    Column("acknowledged_by", String(200), comment="who here did it"),
    Column("acknowledgement_message", String(32), comment="id of our answer in the outbox"),
    Column("attachments", LargeBinary, comment="what they are, sealed"),
)
