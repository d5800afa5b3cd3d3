"""Notices in `node.db`: those sent for our authorities, those received for them, what follows them.

What is sealed is opened by `directory.security.vault` alone.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    false,
)

from directory.database import node_metadata
from federation import Utc

sent_notice = Table(
    "sent_notice",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="the message's id"),
    Column("placing_authority", String(9), nullable=False, index=True),
    Column("area_authority", String(9), nullable=False),
    Column("body", LargeBinary, nullable=False, comment="notice/1 or notice/2, sealed"),
    Column("sent_at", Utc, nullable=False),
    Column("acknowledgement", LargeBinary, comment="acknowledgement/1, sealed"),
    Column("acknowledgement_message", String(32), comment="that brought it"),
    Column("acknowledged_at", Utc),
    Column("attachments", LargeBinary, comment="what they are, sealed"),
    Column("ended_on", Date, comment="as last said"),
    Column("withdrawn_at", Utc),
    Column("reminded", Integer, nullable=False, server_default="0", comment="steps, see reminding"),
    Column("died_on", LargeBinary, comment="the day, sealed; null: nobody said so"),
    Index(
        "sent_notice_waits",
        *("placing_authority", "area_authority", "sent_at", "acknowledged_at"),
        *("withdrawn_at", "ended_on"),
    ),
)

received_notice = Table(
    "received_notice",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="the message's; or drawn here"),
    Column("placing_authority", String(9), primary_key=True),
    Column("area_authority", String(9), nullable=False, index=True),
    Column("body", LargeBinary, nullable=False, comment="notice/1, notice/2, entered/1; sealed"),
    Column("received_at", Utc, nullable=False),
    Column("acknowledged_at", Utc),
    Column("acknowledged_by", String(200), comment="who here did it"),
    Column("acknowledgement_message", String(32), comment="id of our answer in the outbox"),
    Column("attachments", LargeBinary, comment="what they are, sealed"),
    Column(
        "came_by",
        String(10),
        nullable=False,
        server_default="node",
        comment="node, email, letter, telephone or list",
    ),
    Column("urn", String(20), comment="of the home, as last said"),
    Column("starts_on", Date, comment="as last said; null: came before this was kept"),
    Column("ended_on", Date, comment="as last said; it may lie ahead"),
    Column("withdrawn_at", Utc),
    Column("taken_by", String(32), comment="a person's id"),
    Column("setting", String(30), comment="kind of placement; null: came before this was kept"),
    Column("reminded", Integer, nullable=False, server_default="0", comment="steps, see reminding"),
    Column("died_on", LargeBinary, comment="the day, sealed; null: nobody said so"),
    Column(
        "grown_up",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="18 or over, as of the worker's daily look",
    ),
    # Each holds all that a list is counted, narrowed and paged by: no sealed body is read past.
    Index(
        "received_notice_desk",
        *("area_authority", "received_at", "id", "placing_authority", "acknowledged_at"),
        *("ended_on", "withdrawn_at", "taken_by"),
    ),
    Index(
        "received_notice_register",
        *("area_authority", "starts_on", "id", "placing_authority", "ended_on"),
        *("withdrawn_at", "urn", "setting", "grown_up"),
    ),
)

notice_event = Table(
    "notice_event",
    node_metadata,
    Column("seq", Integer, primary_key=True),
    Column(
        "side",
        String(8),
        nullable=False,
        comment="sent or received: in which of the two tables the notice stands",
    ),
    Column("notice", String(32), nullable=False),
    Column("placing_authority", String(9), nullable=False),
    Column("area_authority", String(9), nullable=False),
    Column("kind", String(60), nullable=False, comment="its schema"),
    Column("message", String(32), nullable=False, comment="that said it"),
    Column("body", LargeBinary, nullable=False, comment="sealed"),
    Column("attachments", LargeBinary, comment="what they are, sealed"),
    Column("at", Utc, nullable=False, comment="when it was sent from here, or came"),
    Column("by", String(200), nullable=False, comment="a name, or the node it came from"),
    UniqueConstraint(
        *("side", "placing_authority", "notice", "kind", "message"), name="notice_event_once"
    ),
)
