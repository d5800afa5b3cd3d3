"""Personal data breaches by a notice that went astray, in `node.db`, on either side."""

from sqlalchemy import Column, LargeBinary, String, Table, UniqueConstraint

from directory.database import node_metadata
from federation import Utc

notice_breach = Table(
    "notice_breach",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random"),
    Column("side", String(8), nullable=False, comment="sent or received: what ours did with it"),
    Column("authority", String(9), nullable=False, index=True, comment="ours, whose breach it is"),
    Column("other_authority", String(9), nullable=False),
    Column("notice", String(32), nullable=False),
    Column("placing_authority", String(9), nullable=False),
    Column("withdrawal", String(32), nullable=False, comment="the message that withdrew it"),
    Column("why", String(40), nullable=False, comment="wrong authority or wrong child"),
    Column("opened_at", Utc, nullable=False, comment="from when the 72 hours run"),
    Column("contained_at", Utc),
    Column("contained_by", String(200), comment="a name, or the node that said so"),
    Column("reported_at", Utc, comment="to the Information Commissioner"),
    Column("reference", String(60), comment="the Commissioner's"),
    Column("not_reported", LargeBinary, comment="why not, sealed"),
    Column("decided_at", Utc),
    Column("decided_by", String(200), comment="a name"),
    Column("found", LargeBinary, comment="what came of it, sealed"),
    Column("closed_at", Utc),
    Column("closed_by", String(200), comment="a name"),
    UniqueConstraint("side", "placing_authority", "notice", name="notice_breach_once"),
)
