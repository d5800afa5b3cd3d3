"""What an authority answers to a provider's staff: on its way back to them, and as they keep it.

Messages may overtake each other, so of two answers the one that was given later counts, by the
clock of who gave it.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from sqlalchemy import Connection, Table, select, update

from directory.security.vault.service import Vault
from federation import Node, NoSuchMember, queue


def send_answer(
    connection: Connection,
    node: Node,
    *,
    through: str,
    authority: str,
    body: bytes,
    learn: Callable[[], object],
) -> None:
    """Answer those for whom an authority vouches: at once where this node serves that authority, by
    `learn`, or else by a sealed message with this `body`.
    """
    if through in node.member.area:
        learn()
        return
    with suppress(NoSuchMember):  # who has left the charter has nobody to be told
        queue(connection, node, sender=authority, recipient=through, body=body)


def keep_answer(
    connection: Connection,
    node: Node,
    table: Table,
    asked: str,
    *,
    through: str,
    authority: str,
    reason: str,
    answered_at: datetime,
    **said: object,
) -> bool | None:
    """Keep in a row of `table`, whose id is `asked`, what an authority has said of it; None where
    it was not asked, and False where what it said later is kept already.
    """
    mine = (table.c.id == asked) & (table.c.authority == authority) & (table.c.through == through)
    known = connection.execute(
        select(table.c.answered_at).where(mine).with_for_update()
    ).one_or_none()
    if known is None:
        return None
    if known.answered_at and known.answered_at > answered_at:
        return False
    sealed = Vault(connection, node).seal(table.name, "reason", asked, reason.encode())
    connection.execute(
        update(table)
        .where(mine)
        .values(answered_at=answered_at, reason=sealed if reason else None, **said)
    )
    return True
