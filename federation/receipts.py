"""Receipts that were given or got, to be dated by the audit's anchors, each at most once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, insert, select

from federation import tables

MOST = 20_000
"""Receipts in one batch; the next anchor takes the others."""


@dataclass(frozen=True, slots=True)
class DatedReceipt:
    """A receipt for a message, with the salt of its leaf."""

    sender: str
    message: str
    receipt: str
    salt: bytes


def has_undated_receipts(connection: Connection, since: datetime) -> bool:
    """Whether a receipt for a message of ours has come since that no anchor knows."""
    leaf, sent = tables.receipt_leaf.c, tables.outbox.c
    mine = exists().where(leaf.sender == sent.sender, leaf.message == sent.id)
    wanted = select(sent.id).where(sent.state == "stored", sent.answered_at >= since, ~mine)
    return connection.execute(wanted.limit(1)).first() is not None


def undated_receipts(connection: Connection) -> list[DatedReceipt]:
    """Receipts that say `stored`, ours and others', of which no anchor knows; with fresh salts."""
    leaf = tables.receipt_leaf.c
    found: dict[tuple[str, str], DatedReceipt] = {}
    for table in (tables.outbox, tables.inbox):
        mine = (leaf.sender == table.c.sender) & (leaf.message == table.c.id)
        wanted = select(table.c.sender, table.c.id, table.c.receipt).where(~exists().where(mine))
        if table is tables.outbox:
            wanted = wanted.where(table.c.state == "stored", table.c.receipt.is_not(None))
        for row in connection.execute(wanted.order_by(table.c.sender, table.c.id).limit(MOST)):
            found[row.sender, row.id] = DatedReceipt(
                row.sender, row.id, row.receipt, secrets.token_bytes(32)
            )
    return list(found.values())


def keep_dated(connection: Connection, batch: int, receipts: Sequence[DatedReceipt]) -> None:
    """Keep which receipts a batch has, in their order."""
    connection.execute(
        insert(tables.receipt_leaf),
        [
            {
                "sender": one.sender,
                "message": one.message,
                "batch": batch,
                "position": position,
                "salt": one.salt,
                "receipt": one.receipt,
            }
            for position, one in enumerate(receipts)
        ],
    )


def dated_batch(
    connection: Connection, sender: str, message: str
) -> tuple[int, int, list[DatedReceipt]] | None:
    """The number of the batch that a receipt is in, its place there, and all of the batch; None
    where no anchor knows it yet.
    """
    leaf = tables.receipt_leaf
    row = connection.execute(
        select(leaf).where(leaf.c.sender == sender, leaf.c.message == message)
    ).one_or_none()
    if row is None:
        return None
    every = connection.execute(
        select(leaf).where(leaf.c.batch == row.batch).order_by(leaf.c.position)
    )
    batch = [DatedReceipt(one.sender, one.message, one.receipt, one.salt) for one in every]
    return row.batch, row.position, batch
