"""Tables of this package. A log looks the same in both databases: our own, and those we follow."""

from enum import IntEnum

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from federation.database import Utc

node_metadata = MetaData()
replica_metadata = MetaData()


class Payload(IntEnum):
    """Where an entry's payload is."""

    HELD = 0
    WANTING = 1
    NONE = 2
    ERASED = 3


def _log_tables(metadata: MetaData) -> tuple[Table, Table, Table]:
    log = Table(
        "log",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("node", String(63), nullable=False, unique=True),
        Column("origin", String(200), nullable=False, unique=True),
        Column("size", Integer, nullable=False, comment="entries held, all verified"),
        Column("frontier", LargeBinary, nullable=False, comment="compact range over them"),
        Column("checkpoint", LargeBinary, comment="latest signed note, as it came"),
        Column("verified_at", Utc),
        Column("trouble", Text, comment="why following does not get on"),
        Column("trouble_since", Utc),
    )
    entry = Table(
        "entry",
        metadata,
        Column("log", Integer, nullable=False),
        Column("idx", Integer, nullable=False),
        Column("raw", LargeBinary, nullable=False, comment="exact bytes, hashed into the tree"),
        Column("blob", LargeBinary, comment="salt and record, exact bytes"),
        Column("payload", Integer, nullable=False, comment="Payload"),
        # Not the primary key: appending wide rows to SQLite's rowid is twice as fast.
        UniqueConstraint("log", "idx", name="entry_log_idx"),
    )
    wanting = entry.c.payload == Payload.WANTING
    Index("entry_wanting", entry.c.log, entry.c.idx, sqlite_where=wanting, postgresql_where=wanting)
    subtree = Table(
        "subtree",
        metadata,
        Column("log", Integer, primary_key=True, autoincrement=False),
        Column("level", Integer, primary_key=True, autoincrement=False),
        Column("idx", Integer, primary_key=True, autoincrement=False),
        Column("hash", LargeBinary, nullable=False, comment="root over 256**level entries"),
    )
    return log, entry, subtree


own_log, own_entry, own_subtree = _log_tables(node_metadata)
log, entry, subtree = _log_tables(replica_metadata)

staged = Table(
    "staged",
    node_metadata,
    Column("id", Integer, primary_key=True),
    Column("reference", String(120), nullable=False, comment="what this is a version of"),
    Column("blob", LargeBinary, nullable=False, comment="empty: nothing is published"),
    Column("staged_at", Utc, nullable=False),
    Column(
        "operation",
        String(10),
        nullable=False,
        server_default="publish",
        comment="of the entry: publish, retire or erase",
    ),
    Column("earlier", Text, comment="of an erasure: the entries that it names, in JSON"),
    sqlite_autoincrement=True,
)

unpublished = Table(
    "unpublished",
    node_metadata,
    Column("id", Integer, primary_key=True, autoincrement=False, comment="1: our own log"),
    Column("checkpoint", LargeBinary, nullable=False, comment="signed; waits for its quorum"),
    Column("signed_at", Utc, nullable=False),
)

cosigner = Table(
    "cosigner",
    node_metadata,
    Column("key", String(43), primary_key=True, comment="id of a witness's key"),
    Column("size", BigInteger, nullable=False, comment="of our log, that it holds by its word"),
    Column("cosigned_at", Utc, comment="by its own clock"),
    Column("trouble", Text, comment="why it does not cosign"),
    Column("trouble_since", Utc),
)

witnessed = Table(
    "witnessed",
    node_metadata,
    Column("origin", String(200), primary_key=True, comment="a log that we are a witness of"),
    Column("size", BigInteger, nullable=False),
    Column("checkpoint", LargeBinary, nullable=False, comment="as it came, and our cosignature"),
    Column("cosigned_at", Utc, nullable=False),
)

current = Table(
    "current",
    node_metadata,
    Column("reference", String(120), primary_key=True),
    Column("idx", Integer, nullable=False, comment="entry of our log that is current"),
)

erasure = Table(
    "erasure",
    replica_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column(
        "idx", Integer, primary_key=True, autoincrement=False, comment="of an entry that erases"
    ),
    Column("obeyed_at", Utc, nullable=False),
    Column("attempts", Integer, nullable=False, comment="to confirm it to its author"),
    Column("next_attempt", Utc, nullable=False),
    Column("problem", Text, comment="why the author has no receipt yet"),
    Column("confirmed_at", Utc),
)

erasure_receipt = Table(
    "erasure_receipt",
    node_metadata,
    Column(
        "idx",
        Integer,
        primary_key=True,
        autoincrement=False,
        comment="of an entry of ours that erases",
    ),
    Column("node", String(63), primary_key=True, comment="the member that has obeyed it"),
    Column("receipt", Text, nullable=False, comment="signed by that member"),
    Column("erased_at", Utc, nullable=False, comment="by its clock"),
    Column("received_at", Utc, nullable=False),
)

charter_erasure = Table(
    "charter_erasure",
    node_metadata,
    Column("charter", String(43), primary_key=True, comment="digest of a version that erases"),
    Column("node", String(63), primary_key=True, comment="the member that has obeyed it"),
    Column("receipt", Text, nullable=False, comment="signed by that member"),
    Column("erased_at", Utc, nullable=False, comment="by its clock"),
    Column("received_at", Utc, nullable=False),
)

outbox = Table(
    "outbox",
    node_metadata,
    Column("id", String(32), primary_key=True),
    Column("sender", String(9), nullable=False),
    Column("recipient", String(9), nullable=False),
    Column("sealed", LargeBinary, nullable=False, comment="empty: settled"),
    Column("sealed_digest", String(43), nullable=False),
    Column("signed_digest", String(43), nullable=False),
    Column("queued_at", Utc, nullable=False),
    Column("expires", Utc, nullable=False),
    Column("state", String(10), nullable=False, comment="waiting, stored, refused or expired"),
    Column("attempts", Integer, nullable=False),
    Column("next_attempt", Utc, nullable=False),
    Column("problem", Text, comment="why it is not there yet"),
    Column("receipt", Text, comment="signed by the recipient"),
    Column("answered_at", Utc),
    Index("outbox_due", "state", "next_attempt"),
)

inbox = Table(
    "inbox",
    node_metadata,
    Column("sender", String(9), primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("recipient", String(9), nullable=False),
    Column("signed_digest", String(43), nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("receipt", Text, nullable=False, comment="what we answered, and answer again"),
)

receipt_leaf = Table(
    "receipt_leaf",
    node_metadata,
    Column("sender", String(9), primary_key=True, comment="of the message"),
    Column("message", String(32), primary_key=True),
    Column("batch", Integer, nullable=False, comment="the audit row with its root"),
    Column("position", Integer, nullable=False, comment="in the batch, from 0"),
    Column("salt", LargeBinary, nullable=False, comment="32 random bytes"),
    Column("receipt", Text, nullable=False, comment="as it was signed"),
    Index("receipt_leaf_batch", "batch", "position"),
)

ping = Table(
    "ping",
    node_metadata,
    Column("node", String(63), primary_key=True, comment="a member whose log has grown"),
)

token = Table(
    "token",
    node_metadata,
    Column(
        "digest", LargeBinary, primary_key=True, comment="SHA-256; the token itself is not kept"
    ),
    Column("node", String(63), nullable=False),
    Column("expires", Utc, nullable=False),
)

assertion = Table(
    "assertion",
    node_metadata,
    Column("node", String(63), primary_key=True),
    Column("jti", String(64), primary_key=True),
    Column("expires", Utc, nullable=False),
)

contact = Table(
    "contact",
    replica_metadata,
    Column("node", String(63), primary_key=True),
    Column("answered_at", Utc, comment="when it last answered anything, by our clock"),
    Column("ahead_s", Integer, comment="how far its clock is ahead of ours; null: it does not say"),
    Column("version", String(40), comment="of its software; null: it does not say"),
    Column("problem", Text, comment="what was last in the way, in words; null: nothing now"),
    Column("problem_since", Utc),
    Column("offered", Integer, nullable=False, comment="entries that its log has, as it said"),
    Column("holds", Integer, nullable=False, comment="entries of our log that it has verified"),
    Column("requests", BigInteger, nullable=False, comment="that we have made to it"),
    Column("bytes_received", BigInteger, nullable=False, comment="of bodies, as they came"),
)

fork = Table(
    "fork",
    node_metadata,
    Column("digest", String(43), primary_key=True, comment="SHA-256 of the proof"),
    Column("origin", String(200), nullable=False, comment="the log that was forked"),
    Column("proof", LargeBinary, nullable=False, comment="as it was found, or as it came"),
    Column("found_at", Utc, nullable=False),
    Column("told_by", String(63), comment="the member that found it; none: this node"),
)

fork_untold = Table(
    "fork_untold",
    node_metadata,
    Column("digest", String(43), primary_key=True),
    Column("node", String(63), primary_key=True, comment="a member that has not been told yet"),
)
