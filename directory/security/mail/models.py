"""Emails that have left and may still come back, in `node.db`: about what, never to whom."""

from sqlalchemy import Column, Integer, String, Table

from directory.database import node_metadata
from federation import Utc

mail_out = Table(
    "mail_out",
    node_metadata,
    Column("receipt", String(200), primary_key=True, comment="Message-ID, or the id at Notify"),
    Column("about", String(10), nullable=False, comment="letter, partner, census or reminder"),
    Column("record", String(32), nullable=False, comment="of what it is about"),
    Column("sent_at", Utc, nullable=False),
    Column("looks", Integer, nullable=False, server_default="0"),
    Column("next_look", Utc, nullable=False, index=True),
)
