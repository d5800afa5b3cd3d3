"""Anchoring: every hour the newest row of the audit enters the node's own log, as a salted digest.

From then on every member holds what nobody here can make fit another audit. The salt stays here; to
everybody else the digest says nothing, not even how many rows there are. Before it, a row takes in
the root over the receipts that have come or gone since, so that each can be dated without the rest.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, insert, select

from directory.security.audit.arriving import as_node
from directory.security.audit.models import audit_anchor, audit_head
from directory.security.audit.service import note
from federation import (
    DatedReceipt,
    Node,
    has_undated_receipts,
    hold,
    keep_dated,
    reading,
    stage,
    undated_receipts,
    writing,
)
from protocols.evidence import Leaf, detail_of, receipt_leaf, receipts_root
from protocols.records import ANCHOR_SALT_SIZE, anchor_of, encode_record

EVERY = timedelta(hours=1)
REFERENCE = "anchor/1"
DATE_RECEIPTS = "date receipts"


def anchor(node: Node) -> bool:
    """Anchor the audit if it has grown and an hour is over; gives whether it did."""
    with reading(node.node_db) as connection:
        if _due(connection, node.now()) is None:
            return False
    with writing(node.node_db) as connection:
        hold(connection, "publish")  # first, as whoever publishes and then notes it does
        # Again, holding the head: two workers anchor one row once.
        connection.execute(select(audit_head).with_for_update()).all()
        if (head := _due(connection, node.now())) is None:
            return False
        if receipts := undated_receipts(connection):
            head = _date(connection, node, receipts)
        salt = secrets.token_bytes(ANCHOR_SALT_SIZE)
        connection.execute(
            insert(audit_anchor).values(
                seq=head.seq, head=head.hash, salt=salt, anchored_at=node.now()
            )
        )
        record = encode_record(anchor_of(salt, head.seq, head.hash))
        stage(connection, node, [(REFERENCE, record)])
    return True


def _due(connection: Connection, now: datetime) -> Row[tuple[object, ...]] | None:
    """The head of the audit, if it is to be anchored now."""
    head = connection.execute(select(audit_head)).one_or_none()
    last = connection.execute(
        select(audit_anchor).order_by(audit_anchor.c.seq.desc()).limit(1)
    ).one_or_none()
    if head is None or head.seq == 0:
        return None
    # An anchor in the future is of a clock that was wrong, and holds up nothing.
    if last and timedelta(0) <= now - last.anchored_at < EVERY:
        return None
    if last and head.seq <= last.seq and not has_undated_receipts(connection, last.anchored_at):
        return None
    return head


def _date(
    connection: Connection, node: Node, receipts: Sequence[DatedReceipt]
) -> Row[tuple[object, ...]]:
    """Put the root over receipts into the newest row, so that the anchor dates them, too."""
    leaves = [
        receipt_leaf(one.salt, Leaf(one.sender, one.message, one.receipt)) for one in receipts
    ]
    said = detail_of(receipts_root(leaves), len(leaves))
    batch = note(connection, node, as_node(node.name), DATE_RECEIPTS, detail=said)
    keep_dated(connection, batch, receipts)
    return connection.execute(select(audit_head)).one()
