"""Search tables in `replica.db`: rebuilt from the verified logs at any time.

A row is a claim: a home as one node's log says it. Two nodes that claim one URN give two rows, and
both are shown as contested. The record itself stays where federation keeps the verified logs. The
full text's `heading` and `words` share the row's id.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from directory.database import replica_metadata

home = Table(
    "home",
    replica_metadata,
    Column("id", Integer, primary_key=True),
    Column("log", Integer, nullable=False, comment="federation's number of the author's log"),
    Column("entry", Integer, nullable=False, comment="index in that log"),
    Column("urn", String(20), nullable=False),
    Column("authority", String(9), nullable=False, comment="GSS code"),
    Column("authority_name", String(80), nullable=False),
    Column("region", String(40), nullable=False),
    Column("provision", String(80), nullable=False),
    Column("overall", String(40), comment="null: not yet inspected"),
    Column("places", Integer, comment="null: unknown"),
    Column("described", Boolean, nullable=False),
    Column("profile", Integer, comment="entry of the profile in that log; null: there is none"),
    Column("needs", Text, comment="codes that it meets, spaces between; null: not described"),
    Column("partly", Text, comment="codes that it meets in part"),
    Column("unmet", Text, comment="codes that it says it does not meet"),
    Column("youngest", Integer, comment="years; null: not said"),
    Column("oldest", Integer),
    Column("sex", String(5), comment="girls, boys or any; null: not said"),
    Column("published_at", String(20), nullable=False, comment="UTC, as the entry says it"),
    UniqueConstraint("log", "entry", name="home_log_entry"),
    Index("home_urn", "urn"),
    Index("home_authority", "authority"),
)

provider = Table(
    "provider",
    replica_metadata,
    Column("id", Integer, primary_key=True),
    Column("log", Integer, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("name", String(300), nullable=False),
    Column("sector", String(40), nullable=False),
    UniqueConstraint("log", "entry", name="provider_log_entry"),
    Index("provider_name", "name"),
)

profile = Table(
    "profile",
    replica_metadata,
    Column("id", Integer, primary_key=True),
    Column("log", Integer, nullable=False),
    Column("entry", Integer, nullable=False),
    Column("urn", String(20), nullable=False),
    UniqueConstraint("log", "urn", name="profile_log_urn"),
    Index("profile_entry", "log", "entry"),
)

quarantine = Table(
    "quarantine",
    replica_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("entry", Integer, primary_key=True, autoincrement=False),
    Column("reason", String(40), nullable=False),
    Column("detail", String(400), nullable=False),
)

home_state = Table(
    "home_state",
    replica_metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, comment="1: there is one row"),
    Column("state", BigInteger, nullable=False, comment="drawn at random with each change of home"),
)

home_words = Table(
    "home_words",
    replica_metadata,
    Column("id", Integer, primary_key=True, comment="of the home"),
    Column("heading", Text, nullable=False, comment="names: of home, provider and authority"),
    Column("words", Text, nullable=False, comment="everything else that is searched by words"),
)

# The index over `home_words`, which its migration makes. On PostgreSQL it is a column `text` of
# that table; here it is SQLite's FTS5 with external content, so that a whole batch is indexed by
# one statement. https://www.sqlite.org/fts5.html section 4.4.3
home_text = Table(
    "home_text",
    MetaData(),
    Column("rowid", Integer, primary_key=True),
    Column("home_text", Text, comment="a command to the index, such as delete"),
    Column("heading", Text),
    Column("words", Text),
)
