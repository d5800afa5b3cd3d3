"""Tables of the vault, in `node.db`: the epochs, and every record's wrapped data key."""

from sqlalchemy import Column, Integer, LargeBinary, String, Table

from directory.database import node_metadata
from federation import Utc

epoch = Table(
    "epoch",
    node_metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", String(64), nullable=False, comment="of the key in keys/epoch-<number>"),
    Column("began_at", Utc, nullable=False),
)

data_key = Table(
    "data_key",
    node_metadata,
    Column("record", String(120), primary_key=True, comment="table/record, such as account/17"),
    Column("id", String(32), nullable=False, unique=True, comment="drawn afresh; keys/erased"),
    Column("epoch", Integer, nullable=False, index=True, comment="whose key wraps it"),
    Column("wrapped", LargeBinary, nullable=False),
)
