"""Where the current record of what each authority wants stands, in `replica.db`: rebuilt from the
verified logs at any time. And who follows whom, in `node.db`.
"""

from sqlalchemy import Column, Integer, String, Table, Text

from directory.database import node_metadata, replica_metadata

commissioning = Table(
    "commissioning",
    replica_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False, comment="federation's number"),
    Column("entry", Integer, primary_key=True, autoincrement=False, comment="index in that log"),
    Column("authority", String(9), nullable=False, index=True, comment="GSS code"),
    Column("published_at", String(20), nullable=False, comment="UTC, as the entry says it"),
)

wanted_follow = Table(
    "wanted_follow",
    node_metadata,
    Column("person", String(80), primary_key=True, comment="as the audit names them"),
    Column("authority", String(9), primary_key=True, comment="GSS code; empty: all of them"),
    Column("seen", Text, nullable=False, comment="JSON: a digest of each part, at the last look"),
)
