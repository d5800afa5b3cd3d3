"""A node among nodes: keys, its own log, the logs it follows, messages out and in.

To this package a record is bytes and a message has a body; `directory` says what they mean. Only
the names below are for other packages.
"""

from federation.audit import Audited, audit_logs, audit_own_log
from federation.charter.adoption import (
    Aside,
    adopt_charter,
    adopt_successor,
    adopt_what_waited,
    charters_aside,
)
from federation.charter.chain import Charters, Kept, read_chain, split_chain
from federation.charter.founding import LIFE, found_charter, new_charter_key
from federation.charter.learning import fetch_chain, fetch_charter, learn_charter
from federation.charter.rotation import (
    HeldKey,
    destroy_key,
    draw_key,
    held_keys,
    pin_at,
    take_authority,
)
from federation.charter.warnings import charter_warnings, why_suspended
from federation.chunks.incoming import (
    attachment_within,
    forget_attachments,
    received_attachment,
)
from federation.chunks.outgoing import (
    ChunksHeld,
    Enclosure,
    attach,
    chunks_held,
    forget_enclosures,
)
from federation.client import Answer, PeerClient, Traffic, is_loopback
from federation.conformance.clause import Clause
from federation.conformance.membership import Membership, membership
from federation.conformance.suite import CLAUSES, Finding, Outcome, of_sections, try_node
from federation.conformance.visit import Visit
from federation.contact import Contact, contacts
from federation.database import (
    Utc,
    changing_schema,
    database_at,
    forget_deleted,
    keep_database,
    open_database,
    reading,
    will_forget,
    writing,
)
from federation.erasing.again import destroy_again
from federation.erasing.by_charter import name_payload
from federation.erasing.charter_receipts import charter_confirmations, erasing_versions
from federation.erasing.destroyed import add_destroyed, read_destroyed
from federation.erasing.receipts import Confirmation, OwnErasure, confirmations, own_erasures
from federation.erasing.staging import finish_erasure, stage_erasure
from federation.errors import (
    AttachmentGone,
    FederationError,
    NoSuchMember,
    NotDead,
    NotInitialised,
    PeerMisbehaved,
    PeerUnreachable,
    WitnessesWanting,
)
from federation.fetching import BATCH_ENTRIES
from federation.following import Progress, follow
from federation.forks.keeping import KnownFork, known_forks
from federation.heartbeat import Heartbeat, last_beat
from federation.history import LogRecord, find_records
from federation.keystore import write_private
from federation.locks import hold
from federation.mirroring import Followed, follow_anywhere, mirrors_of
from federation.node import Node, initialise, open_node, read_member, refuse_foreign
from federation.outbox import (
    DEAD,
    Dispatch,
    Waiting,
    deliver_due,
    dispatches,
    queue,
    queue_again,
    receipt_of,
    waiting,
)
from federation.peers import Peer
from federation.problems import Refused, problem
from federation.proofs import prove
from federation.receipts import (
    DatedReceipt,
    dated_batch,
    has_undated_receipts,
    keep_dated,
    undated_receipts,
)
from federation.recovery.completing import Recovered, recover
from federation.recovery.references import Recall
from federation.recovery.vouched import forget_vouched_for
from federation.sequencer import (
    refuse_fork,
    sequence,
    stage,
    stage_retirement,
    staged_count,
    staged_references,
)
from federation.snapshots.issuing import change_section, issue_snapshot, own_snapshot
from federation.snapshots.shelf import marks as snapshot_marks
from federation.snapshots.taking import Current, read_snapshots, take_snapshot
from federation.sources import OwnLog
from federation.sqlite import pragmas
from federation.statements import as_rows, bulk_insert, in_parts, new_ids, upsert
from federation.store import (
    FollowedLog,
    erased_references,
    followed_logs,
    forget_erased,
    latest_records,
    own_log,
    own_records,
    read_entries,
    read_records,
)
from federation.tables import node_metadata, replica_metadata
from federation.trouble import explain_storage
from federation.verifying.public_log import find_log
from federation.verifying.trust import Believed, Trust, trust_of
from federation.verifying.whole_log import WholeLog, verify_whole_log
from federation.views import ROUTES, Access, node_blueprint
from federation.witness.committee import publish_log
from federation.witness.standing import WitnessStanding, waits_since, witness_standings
from federation.worker import Chore, Worker

__all__ = [
    "BATCH_ENTRIES",
    "CLAUSES",
    "DEAD",
    "LIFE",
    "ROUTES",
    "Access",
    "Answer",
    "Aside",
    "AttachmentGone",
    "Audited",
    "Believed",
    "Charters",
    "Chore",
    "ChunksHeld",
    "Clause",
    "Confirmation",
    "Contact",
    "Current",
    "DatedReceipt",
    "Dispatch",
    "Enclosure",
    "FederationError",
    "Finding",
    "Followed",
    "FollowedLog",
    "Heartbeat",
    "HeldKey",
    "Kept",
    "KnownFork",
    "LogRecord",
    "Membership",
    "NoSuchMember",
    "Node",
    "NotDead",
    "NotInitialised",
    "Outcome",
    "OwnErasure",
    "OwnLog",
    "Peer",
    "PeerClient",
    "PeerMisbehaved",
    "PeerUnreachable",
    "Progress",
    "Recall",
    "Recovered",
    "Refused",
    "Traffic",
    "Trust",
    "Utc",
    "Visit",
    "Waiting",
    "WholeLog",
    "WitnessStanding",
    "WitnessesWanting",
    "Worker",
    "add_destroyed",
    "adopt_charter",
    "adopt_successor",
    "adopt_what_waited",
    "as_rows",
    "attach",
    "attachment_within",
    "audit_logs",
    "audit_own_log",
    "bulk_insert",
    "change_section",
    "changing_schema",
    "charter_confirmations",
    "charter_warnings",
    "charters_aside",
    "chunks_held",
    "confirmations",
    "contacts",
    "database_at",
    "dated_batch",
    "deliver_due",
    "destroy_again",
    "destroy_key",
    "dispatches",
    "draw_key",
    "erased_references",
    "erasing_versions",
    "explain_storage",
    "fetch_chain",
    "fetch_charter",
    "find_log",
    "find_records",
    "finish_erasure",
    "follow",
    "follow_anywhere",
    "followed_logs",
    "forget_attachments",
    "forget_deleted",
    "forget_enclosures",
    "forget_erased",
    "forget_vouched_for",
    "found_charter",
    "has_undated_receipts",
    "held_keys",
    "hold",
    "in_parts",
    "initialise",
    "is_loopback",
    "issue_snapshot",
    "keep_database",
    "keep_dated",
    "known_forks",
    "last_beat",
    "latest_records",
    "learn_charter",
    "membership",
    "mirrors_of",
    "name_payload",
    "new_charter_key",
    "new_ids",
    "node_blueprint",
    "node_metadata",
    "of_sections",
    "open_database",
    "open_node",
    "own_erasures",
    "own_log",
    "own_records",
    "own_snapshot",
    "pin_at",
    "pragmas",
    "problem",
    "prove",
    "publish_log",
    "queue",
    "queue_again",
    "read_chain",
    "read_destroyed",
    "read_entries",
    "read_member",
    "read_records",
    "read_snapshots",
    "reading",
    "receipt_of",
    "received_attachment",
    "recover",
    "refuse_foreign",
    "refuse_fork",
    "replica_metadata",
    "sequence",
    "snapshot_marks",
    "split_chain",
    "stage",
    "stage_erasure",
    "stage_retirement",
    "staged_count",
    "staged_references",
    "take_authority",
    "take_snapshot",
    "trust_of",
    "try_node",
    "undated_receipts",
    "upsert",
    "verify_whole_log",
    "waiting",
    "waits_since",
    "why_suspended",
    "will_forget",
    "witness_standings",
    "write_private",
    "writing",
]
