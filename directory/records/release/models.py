"""Records that wait for a second person, in `node.db`. What is sealed, the vault opens."""

from sqlalchemy import Column, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

held_record = Table(
    "held_record",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random"),
    Column("reference", String(120), nullable=False, unique=True),
    Column("authority", String(9), nullable=False, index=True, comment="where the home stands"),
    Column("record", LargeBinary, nullable=False, comment="home/1, sealed: nobody has read it yet"),
    Column("handed_in_by", String(200), nullable=False, comment="as the audit names them"),
    Column("handed_in_name", String(200), nullable=False),
    Column("handed_in_at", Utc, nullable=False),
    Column("returned_by", String(200), comment="a name"),
    Column("returned_at", Utc),
    Column("reason", LargeBinary, comment="why it was returned, sealed"),
    Column("hand_in", String(32), comment="of a provider's staff, as they drew it"),
    Column("through", String(9), comment="to whom its outcome goes, GSS code"),
)
