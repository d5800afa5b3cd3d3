"""What other authorities have counted, as it comes."""

from sqlalchemy import Connection, delete, insert, select

from directory.compliance.models import notice_count
from directory.security.audit.arriving import note_arrival
from federation import Node, hold
from protocols.compliance import decode_counts
from protocols.errors import Malformed
from protocols.messages import Message


def receive(connection: Connection, node: Node, message: Message) -> None:
    """Keep what a verified message has counted, in the place of what its sender counted before.
    Raises Malformed to refuse it.
    """
    if message.attachments:
        raise Malformed("counts of notices: come with attachments")
    body = decode_counts(bytes(message.body))
    sides = {"sent": (body.placing, body.area), "received": (body.area, body.placing)}
    if sides[body.side] != (message.sender, message.recipient):
        raise Malformed("counts of notices: between others than their sender and recipient")
    key = {
        "authority": message.recipient,
        "other": message.sender,
        "quarter": body.quarter,
        "side": body.side,
    }
    hold(connection, "counts of notices")  # the first two of a quarter may come at once
    row = [notice_count.c[name] == value for name, value in key.items()]
    before = connection.scalar(select(notice_count.c.counted_at).where(*row).with_for_update())
    if before is None or before < body.counted_at:
        counts = body.counts
        connection.execute(delete(notice_count).where(*row))
        connection.execute(
            insert(notice_count).values(
                **key,
                on_time=counts.on_time,
                late=counts.late,
                later=counts.later,
                acknowledged=counts.acknowledged,
                counted_at=body.counted_at,
            )
        )
    note_arrival(connection, node, message, "receive counts of notices", f"quarter/{body.quarter}")
