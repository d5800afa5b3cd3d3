"""Approvals and consultations, in `node.db`. What is sealed, `directory.security.vault` opens."""

from sqlalchemy import Column, ForeignKey, LargeBinary, String, Table

from directory.database import node_metadata
from directory.placing.register.models import placement
from federation import Utc

approval = Table(
    "approval",
    node_metadata,
    Column("placement", String(32), ForeignKey(placement.c.id), primary_key=True),
    Column("outcome", String(10), comment="approved, refused or exempt; null: not decided"),
    Column("body", LargeBinary, nullable=False, comment="a Considered, sealed"),
    Column("changed_at", Utc, nullable=False),
)

sent_consultation = Table(
    "sent_consultation",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="the message's id"),
    Column("placement", String(32), ForeignKey(placement.c.id), nullable=False, index=True),
    Column("placing_authority", String(9), nullable=False),
    Column("area_authority", String(9), nullable=False),
    Column("sent_at", Utc, nullable=False),
    Column("answer", LargeBinary, comment="consultation-answer/1, sealed"),
    Column("answered_at", Utc),
)

received_consultation = Table(
    "received_consultation",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="the message's id"),
    Column("placing_authority", String(9), primary_key=True),
    Column("area_authority", String(9), nullable=False, index=True),
    Column("body", LargeBinary, nullable=False, comment="consultation/1, sealed"),
    Column("received_at", Utc, nullable=False),
    Column("answer", LargeBinary, comment="consultation-answer/1 as we sent it, sealed"),
    Column("answered_at", Utc),
    Column("answered_by", String(200), comment="who here did it"),
)
