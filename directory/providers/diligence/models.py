"""Items of due diligence as providers gave them, in `node.db`; and the checks that members have
published, in `replica.db`, rebuilt from the verified logs at any time.
"""

from sqlalchemy import Column, Date, Index, Integer, LargeBinary, String, Table

from directory.database import node_metadata, replica_metadata
from federation import Utc

WAITING = "waiting"
"""State of an item that nobody has checked yet."""

diligence_item = Table(
    "diligence_item",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random; in every check of it"),
    Column("through", String(9), nullable=False, comment="who vouches for the staff, GSS code"),
    Column("provider", String(200), nullable=False),
    Column("urn", String(20), comment="of the home that it is about; null: the provider"),
    Column("kind", String(60), nullable=False),
    Column("issuer", String(300), nullable=False),
    Column("reference", String(60)),
    Column("valid_from", Date),
    Column("valid_until", Date),
    Column("entered_by", String(200), nullable=False, comment="a name"),
    Column("entered_at", Utc, nullable=False),
    Column("state", String(12), nullable=False, comment="waiting, or what came of the check"),
    Column("decided_by", String(200), comment="a name"),
    Column("decided_at", Utc),
    Column("reason", LargeBinary, comment="why it is not in order, or was withdrawn; sealed"),
    Column("asked_of", String(9), index=True, comment="who checks it; null: who vouches"),
    Column("same_as", String(32), comment="its id where it was given"),
    Column("hand_in", String(32), comment="by which it came, as they drew it"),
    Index("diligence_item_whose", "through", "provider"),
)

diligence_file = Table(
    "diligence_file",
    node_metadata,
    Column("item", String(32), primary_key=True, comment="diligence_item.id"),
    Column("type", String(80), nullable=False, comment="media type"),
    Column("size", Integer, nullable=False, comment="bytes"),
    Column("content", LargeBinary, nullable=False, comment="the file, sealed"),
)

check = Table(
    "diligence_check",
    replica_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False, comment="federation's number"),
    Column("entry", Integer, primary_key=True, autoincrement=False, comment="index in that log"),
    Column("authority", String(9), nullable=False, comment="that checked, GSS code"),
    Column("item", String(32), nullable=False, index=True),
    Column("provider", String(300), nullable=False, index=True, comment="in its plain spelling"),
    Column("urn", String(20), index=True),
)
