"""Who lives in homes, in `node.db`: each provider's own list; what homes have told the authorities
of their areas, matched with notices; and what is asked where one of the two is missing.

What is said of anybody is sealed; `directory.security.vault` opens it.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from directory.database import node_metadata
from federation import Utc

home_resident = Table(
    "home_resident",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="of the stay, drawn at random"),
    Column("claim", String(32), nullable=False, index=True, comment="provider_home.id"),
    Column("lives_here", Boolean, nullable=False, comment="false: was discharged"),
    Column("body", LargeBinary, nullable=False, comment="home-notice/1, sealed"),
    Column("message", String(32), comment="by which it was told; null: there was nobody to tell"),
    Column("kept_at", Utc, nullable=False),
    Column("kept_by", String(200), nullable=False, comment="a name"),
)

home_notice = Table(
    "home_notice",
    node_metadata,
    Column("number", String(32), primary_key=True, comment="drawn here, names it on pages"),
    Column("through", String(9), nullable=False, comment="who vouches for the staff, GSS code"),
    Column("stay", String(32), nullable=False, comment="as they drew it"),
    Column("area", String(9), nullable=False, index=True, comment="where the home stands"),
    Column("claim", String(32), nullable=False, index=True, comment="home_claim.id"),
    Column("urn", String(20), nullable=False),
    Column("placing_authority", String(9), nullable=False),
    Column("body", LargeBinary, nullable=False, comment="home-notice/1, sealed"),
    Column("starts_on", Date, nullable=False),
    Column("ended_on", Date),
    Column("told_at", Utc, nullable=False, comment="by the sender's clock"),
    Column("received_at", Utc, nullable=False, comment="when the first of it came"),
    Column("notice", String(32), comment="received_notice.id of the same child"),
    Column("match", String(10), comment="certain, probable or confirmed; null: none"),
    Column("differs", String(60), comment="in what a probable one does: name, day, home …"),
    Column("matched_by", String(200), comment="a name; null: by the rule"),
    Column("matched_at", Utc),
    Column("withdrawn_at", Utc, comment="when it came that the home takes it back"),
    UniqueConstraint("through", "stay", name="home_notice_once"),
    # All that the lists are counted and put in order by: no sealed body is read past.
    Index(
        "home_notice_desk",
        *("area", "withdrawn_at", "match", "received_at", "number", "ended_on", "notice"),
    ),
)

kept_apart = Table(
    "home_notice_kept_apart",
    node_metadata,
    Column("number", String(32), primary_key=True, comment="home_notice.number"),
    Column("notice", String(32), primary_key=True, comment="received_notice.id"),
    Column("said_by", String(200), nullable=False, comment="a name"),
    Column("said_at", Utc, nullable=False),
)

resident_asking = Table(
    "resident_asking",
    node_metadata,
    Column("id", String(32), primary_key=True, comment="of the message, also where none was sent"),
    Column("area", String(9), nullable=False, index=True, comment="that asks, GSS code"),
    Column("party", String(7), nullable=False, comment="placing or home"),
    Column(
        "about",
        String(32),
        nullable=False,
        index=True,
        comment="home_notice.number, received_notice.id",
    ),
    Column("asked", String(9), comment="to whose node it went; null: by letter"),
    Column("asked_by", String(200), nullable=False, comment="a name"),
    Column("asked_at", Utc, nullable=False),
    Column("said", String(10), comment="follows or unknown; null: no answer yet"),
    Column("answered_by", String(200), comment="a name, as they gave it"),
    Column("answered_at", Utc),
)

resident_asked = Table(
    "resident_asked",
    node_metadata,
    Column("number", String(32), primary_key=True, comment="drawn here, names it on pages"),
    Column("area", String(9), nullable=False, comment="that asks, GSS code"),
    Column("id", String(32), nullable=False, comment="as they drew it"),
    Column("authority", String(9), nullable=False, index=True, comment="that was asked"),
    Column("claim", String(32), index=True, comment="provider_home.id; null: of a placement"),
    Column("body", LargeBinary, nullable=False, comment="what was asked, sealed"),
    Column("came_at", Utc, nullable=False),
    Column("said", String(10), comment="follows or unknown; null: no answer yet"),
    Column("answered_by", String(200), comment="a name"),
    Column("answered_at", Utc),
    UniqueConstraint("area", "id", name="resident_asked_once"),
)
