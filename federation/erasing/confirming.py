"""A follower confirms: the author of each erasure that was obeyed gets a signed receipt for it.

Only once nothing is left of what was to be destroyed, and again and again until the author has it.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

from sqlalchemy import Connection, Row, Select, select, update

from federation import tables
from federation.database import is_forgotten, reading, writing
from federation.errors import FederationError
from federation.node import Node
from federation.outbox import is_time, wait_before
from protocols.charter import Member
from protocols.erasures import erased, sign_erasure
from protocols.errors import ProtocolError

Deliver: TypeAlias = Callable[[str], None]
"""Brings a receipt to the author; raises a FederationError or ProtocolError where it cannot."""
AT_ONCE = 100

_mine = tables.erasure.c


def due_authors(node: Node) -> set[str]:
    """Names of the members whose erasures are to be confirmed now; our own may be among them."""
    with reading(node.replica) as connection:
        return set(connection.scalars(_due(node).with_only_columns(tables.log.c.node).distinct()))


def make_confirmations_due(node: Node, author: Member) -> None:
    """An author is back: what it has not got yet is due now."""
    with writing(node.replica) as connection:
        log = select(tables.log.c.id).where(tables.log.c.node == author.node).scalar_subquery()
        connection.execute(
            update(tables.erasure)
            .where(_mine.log == log, _mine.confirmed_at.is_(None))
            .values(next_attempt=node.now())
        )


def confirm_due(node: Node, author: Member, deliver: Deliver) -> int:
    """Confirm what is due to an author; gives how many receipts it has now taken.

    What it does not take waits longer and longer, with the problem beside it.
    """
    if not (is_forgotten(node.replica) and is_forgotten(node.node_db)):
        return 0
    with reading(node.replica) as connection:
        wanted = _due(node).where(tables.log.c.node == author.node)
        rows = connection.execute(wanted.order_by(_mine.idx).limit(AT_ONCE)).all()
    taken = 0
    for row in rows:
        problem = _confirm(node, author, row, deliver)
        with writing(node.replica) as connection:
            _note(connection, node, row, problem)
        if problem:
            break  # the others would fare no better
        taken += 1
    return taken


def _confirm(
    node: Node, author: Member, row: Row[tuple[object, ...]], deliver: Deliver
) -> str | None:
    said = erased(node.name, author.origin, row.idx, row.raw, node.now())
    try:
        deliver(sign_erasure(said, node.access_key()))
    except (FederationError, ProtocolError) as error:
        return str(error)
    return None


def _note(
    connection: Connection, node: Node, row: Row[tuple[object, ...]], problem: str | None
) -> None:
    outcome: dict[str, object] = {"problem": problem}
    if problem:
        outcome["next_attempt"] = node.now() + timedelta(seconds=wait_before(row.attempts))
    else:
        outcome["confirmed_at"] = node.now()
    connection.execute(
        update(tables.erasure)
        .where(_mine.log == row.log, _mine.idx == row.idx)
        .values(**outcome, attempts=row.attempts + 1)
    )


def _due(node: Node) -> Select[tuple[object, ...]]:
    entry = tables.entry.c
    return (
        select(_mine.log, _mine.idx, _mine.attempts, entry.raw)
        .join(tables.log, tables.log.c.id == _mine.log)
        .join(tables.entry, (entry.log == _mine.log) & (entry.idx == _mine.idx))
        .where(_mine.confirmed_at.is_(None), is_time(_mine.next_attempt, node.now()))
    )
