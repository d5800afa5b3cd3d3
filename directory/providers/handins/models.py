"""What providers' staff write, in `node.db`: drafts and what they handed in, on the node where
their accounts are; and how much came of each home, on the node where it stands. What is sealed,
`directory.security.vault` opens.
"""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

provider_draft = Table(
    "provider_draft",
    node_metadata,
    Column("claim", String(32), primary_key=True, comment="of the home: provider_home.id"),
    Column("kind", String(10), primary_key=True, comment="profile or statement"),
    Column("body", LargeBinary, nullable=False, comment="what was written so far, sealed"),
    Column("changed_at", Utc, nullable=False),
    Column("changed_by", String(200), nullable=False, comment="a name"),
)

own_hand_in = Table(
    "own_hand_in",
    node_metadata,
    Column("seq", Integer, primary_key=True, comment="in the order in which they came"),
    Column("id", String(32), nullable=False, unique=True, comment="at random; of the message too"),
    Column("claim", String(32), nullable=False, index=True, comment="provider_home.id"),
    Column("kind", String(10), nullable=False, comment="one of `own.Handed`"),
    Column("item", String(32), comment="of due diligence: diligence_item.id"),
    Column("through", String(9), nullable=False, comment="who vouches for the staff, GSS code"),
    Column("authority", String(9), nullable=False, comment="where the home stands, GSS code"),
    Column(
        "record", LargeBinary, comment="as it was handed in, sealed; null of files, once published"
    ),
    Column("digest", LargeBinary, nullable=False, comment="SHA-256 of the record, sealed"),
    Column("handed_in_by", String(200), nullable=False, comment="a name"),
    Column("handed_in_at", Utc, nullable=False),
    Column("outcome", String(10), comment="null while it waits"),
    Column("answered_at", Utc),
    Column("reason", LargeBinary, comment="why it was returned or refused, sealed"),
    Column("withdrawn_by", String(200), comment="a name; null: nobody took it back"),
    Column("withdrawal", String(32), comment="the message that takes it back"),
)

taken_hand_in = Table(
    "taken_hand_in",
    node_metadata,
    Column("through", String(9), primary_key=True, comment="who vouches for the staff, GSS code"),
    Column("id", String(32), primary_key=True, comment="as they drew it"),
    Column("claim", String(32), nullable=False, index=True, comment="home_claim.id"),
    Column("reference", String(120), nullable=False, comment="of what was handed in"),
    Column("sent_at", Utc, nullable=False, comment="by the sender's clock"),
    Column("taken_at", Utc, nullable=False),
)
