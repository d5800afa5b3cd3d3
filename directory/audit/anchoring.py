"""Anchoring: every hour the newest row of the audit enters the node's own log, as a salted digest.

From then on every member holds what nobody here can make fit another audit. The salt stays here; to
everybody else the digest says nothing, not even how many rows there are.
"""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, insert, select

from directory.audit.models import audit_anchor, audit_head
from federation import Node, hold, reading, stage, writing
from protocols.records import ANCHOR_SALT_SIZE, anchor_of, encode_record

EVERY = timedelta(hours=1)
REFERENCE = "anchor/1"


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
    if head is None or head.seq <= (last.seq if last else 0):
        return None
    # An anchor in the future is of a clock that was wrong, and holds up nothing.
    if last and timedelta(0) <= now - last.anchored_at < EVERY:
        return None
    return head
