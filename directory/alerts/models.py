"""How far somebody has seen what changed where children live, and which alerts go out by email, in
`node.db`. Neither names a home.
"""

from sqlalchemy import Column, ForeignKey, Integer, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

lived_in_seen = Table(
    "lived_in_seen",
    node_metadata,
    Column("who", String(80), primary_key=True, comment="as the audit names them"),
    Column("authority", String(9), primary_key=True, comment="GSS code"),
    Column("side", String(7), primary_key=True, comment="placing or area"),
    Column("newest", Integer, nullable=False, comment="home_change.id: seen up to this one"),
    Column("seen_at", Utc, nullable=False),
)

alert_mail = Table(
    "alert_mail",
    node_metadata,
    Column("person", String(32), ForeignKey("person.id"), primary_key=True),
    Column("topics", String(200), nullable=False, comment="of which they are told, with spaces"),
    Column("told", LargeBinary, comment="what they were told of, sealed; null: nothing yet"),
    Column("attempts", Integer, nullable=False, comment="to hand over the email that waits"),
    Column("queued_at", Utc, comment="when the email that waits was due; null: none waits"),
    Column("next_look", Utc, index=True, comment="null: the address was refused for good"),
    Column("sent_at", Utc, comment="of the last email"),
    Column("problem", String(200), comment="why one has not left"),
)
