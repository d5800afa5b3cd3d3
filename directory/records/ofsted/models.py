"""Tables of Ofsted's list, in `node.db`: the registrations as last listed, and each import.

`registration` holds one row per URN and the columns of a Registration, name for name. A home that
a later list of its authority no longer names keeps its row, with the day of that list.
"""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Index,
    Integer,
    String,
    Table,
)

from directory.database import node_metadata
from federation import Utc

_TEXT = 300  # characters: the longest cell that is read

registration = Table(
    "registration",
    node_metadata,
    Column("urn", String(20), primary_key=True),
    Column("provision_type", String(80), nullable=False),
    Column("registered_on", Date, comment="null: no list has said"),
    Column("status", String(40), nullable=False),
    Column("name", String(_TEXT), comment="null: redacted"),
    Column("authority_gss", String(9), comment="null: outside England, or no more"),
    Column("authority_as_written", String(_TEXT)),
    Column("region", String(_TEXT)),
    Column("sector", String(40), nullable=False),
    Column("places", Integer, comment="null: not listed"),
    Column("short_breaks_only", Boolean, nullable=False),
    Column("multi_building", Boolean, nullable=False),
    Column("owner", String(_TEXT)),
    Column("inspected_on", Date, comment="null: not yet inspected"),
    Column("published_on", Date),
    Column("event_number", String(_TEXT)),
    Column("event_type", String(_TEXT)),
    Column("overall", String(40)),
    Column("education", String(40)),
    Column("health", String(40)),
    Column("protection", String(40)),
    Column("leadership", String(40)),
    Column("grades_as_written", String(_TEXT), comment="words that are not today's; null: none"),
    Column("listed_as_at", Date, comment="day of the newest list that names it; null: undated"),
    Column("left_as_at", Date, comment="day of the list that no longer names it; null: listed"),
    Index("registration_authority", "authority_gss"),
)

list_import = Table(
    "list_import",
    node_metadata,
    Column("id", Integer, primary_key=True),
    Column("file_name", String(255), nullable=False),
    Column("sha256", String(64), nullable=False, comment="of the file, hexadecimal"),
    Column("as_at", Date, comment="null: the list has no date"),
    Column("imported_at", Utc, nullable=False, comment="UTC"),
    Column("read", Integer, nullable=False),
    Column("usable", Integer, nullable=False),
    Column("joined", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("unchanged", Integer, nullable=False),
    Column("left", Integer, nullable=False),
    Column("problems", Integer, nullable=False),
)
