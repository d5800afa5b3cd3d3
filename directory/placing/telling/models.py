"""Who was told of placements, in `node.db`. A row is of one recipient of one placement or ending.

Who they are and how they are reached is sealed, and so is why somebody is not told. Of a link's
token there is a digest alone, and of its code a hash.
"""

from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from directory.database import node_metadata
from directory.placing.register.models import placement
from federation import Utc

telling = Table(
    "telling",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random"),
    Column("authority", String(9), nullable=False, index=True, comment="that places"),
    Column("placement", String(32), ForeignKey(placement.c.id), nullable=False),
    Column("event", String(9), nullable=False, comment="placement or ending"),
    Column("kind", String(30), nullable=False, comment="code of a recipient in the rules"),
    Column(
        "number", Integer, nullable=False, comment="which of the recipients of this kind, from 0"
    ),
    Column("state", String(10), nullable=False, comment="open, asked, withheld, told, not needed"),
    Column("how", String(12), comment="letter, page, by hand or other system"),
    Column("told_on", Date),
    Column("noted_by", String(200), comment="who said so last"),
    Column("asked_by", String(100), comment="id of who asked that notice be withheld"),
    Column("decided_by", String(200), comment="who approved that"),
    Column("body", LargeBinary, nullable=False, comment="a TellingFacts, sealed"),
    Column("before", String(32), index=True, comment="id of what noted many at once"),
    Column("mail", String(6), comment="of a link: queued, sent, failed or opened"),
    Column("mail_attempts", Integer, nullable=False, server_default="0"),
    Column("mail_next", Utc),
    Column("mail_sent_at", Utc),
    Column("mail_problem", String(300)),
    Column("token", LargeBinary, unique=True, comment="SHA-256 of the link's token"),
    Column("code_hash", String(200), comment="argon2id, of the code that opens it"),
    Column("page_ends_at", Utc),
    Column("reminded", Integer, nullable=False, server_default="0", comment="steps of its link"),
    Column("changed_at", Utc, nullable=False),
    UniqueConstraint("placement", "event", "kind", "number"),
    Index("telling_mail", "mail", "mail_next"),
)

told_before = Table(
    "told_before",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="drawn at random"),
    Column("authority", String(9), nullable=False, index=True, comment="that places"),
    Column("came_with", String(32), comment="the import; null: placements that were chosen"),
    Column("kinds", String(300), nullable=False, comment="codes of recipients, comma between"),
    Column("told_on", Date, nullable=False),
    Column("how", String(12), nullable=False),
    Column("body", LargeBinary, nullable=False, comment="a BeforeFacts, sealed"),
    Column("recipients", Integer, nullable=False, comment="how many it noted"),
    Column("made_by", String(200), nullable=False, comment="a name"),
    Column("made_at", Utc, nullable=False),
    Column("undone_by", String(200), comment="a name"),
    Column("undone_at", Utc),
)
"""What was noted at once of many who were told before the placements came here."""
