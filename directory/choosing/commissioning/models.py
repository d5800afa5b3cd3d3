"""Where the current record of what each authority wants stands, in `replica.db`: rebuilt from the
verified logs at any time.
"""

from sqlalchemy import Column, Integer, String, Table

from directory.database import replica_metadata

commissioning = Table(
    "commissioning",
    replica_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False, comment="federation's number"),
    Column("entry", Integer, primary_key=True, autoincrement=False, comment="index in that log"),
    Column("authority", String(9), nullable=False, index=True, comment="GSS code"),
    Column("published_at", String(20), nullable=False, comment="UTC, as the entry says it"),
)
