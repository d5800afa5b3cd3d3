"""Erasing by charter: the payloads that any version names are destroyed, as if their log said so.

Nobody asks whether the author is there. What is named is in the chain of charters, which every
process reads; so what is taken of a log later leaves it out (`following`), and what is held is
destroyed here: when a version is adopted, and at every start, for a process may have died between.
Our own log also says so itself, by an entry like any other, once it is signed again.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, LargeBinary, Table, func, select

from federation import tables
from federation.database import forget_deleted, is_forgotten, reading, writing
from federation.erasing.charter_receipts import sign_what_is_done, unsigned
from federation.erasing.obeying import destroy_unsaid
from federation.erasing.staging import destroy_own
from federation.errors import NoSuchPayload
from federation.locks import hold
from federation.node import Node
from federation.sequencer import PUBLISH
from federation.statements import in_parts
from federation.store import OWN, FollowedLog, followed_logs
from federation.tables import Payload
from protocols.charter import ErasedPayload, Member
from protocols.entries import decode_entry
from protocols.errors import Malformed
from protocols.following import VerifiedEntry

_BEFORE_DIGEST = len('{"v":1,"op":"publish","time":"2026-03-02T09:30:00Z","digest":"')
_DIGITS = 43


def obey_charter(node: Node) -> bool:
    """Destroy what the charter says of every log, in both databases, and confirm it once nothing is
    left; whether all is confirmed. What was confirmed before is looked through again.
    """
    # Before that is signed, nobody may be storing what he began to store before the charter came.
    in_turn = bool(unsigned(node))
    named = {one.node: one for one in node.charter.members if node.charters.erased(one.node)}
    if named:
        with reading(node.replica) as connection:
            logs = list(followed_logs(connection).values())
        for log in logs:
            if member := named.get(log.node):
                _destroy_followed(node, log, member, in_turn=in_turn)
    if node.charters.erased(node.name):
        _destroy_own(node, in_turn=in_turn)
    for engine in (node.node_db, node.replica):
        if in_turn and not is_forgotten(engine):
            forget_deleted(engine)
    return sign_what_is_done(node)


def name_payload(node: Node, author: str, said: str) -> ErasedPayload:
    """A payload of a member's log as a charter names it, by the index of its entry or by its own
    digest. Raises NoSuchPayload where there is none that could be erased.
    """
    own = author == node.name
    entry, log = (tables.own_entry, OWN) if own else (tables.entry, None)
    with reading(node.node_db if own else node.replica) as connection:
        if log is None:
            log = connection.scalar(select(tables.log.c.id).where(tables.log.c.node == author))
        digest = func.substr(entry.c.raw, _BEFORE_DIGEST + 1, _DIGITS, type_=LargeBinary)
        which = entry.c.idx == int(said) if said.isdecimal() else digest == said.encode()
        row = connection.execute(
            select(entry.c.idx, entry.c.raw, entry.c.payload)
            .where(entry.c.log == log, which)
            .order_by(entry.c.idx)
            .limit(1)
        ).one_or_none()
    if row is None:
        raise NoSuchPayload(
            f"This node has verified no entry {said} of the log of {author}. Nothing was drafted; "
            "'hearth history' names the entries of a home, and 'hearth sync' fetches what is new."
        )
    published = _digest(row.idx, row.raw)
    if published is None:
        raise NoSuchPayload(
            f"Entry {row.idx} of the log of {author} publishes nothing, so there is nothing to "
            "erase. Nothing was drafted."
        )
    if row.payload == Payload.ERASED:
        raise NoSuchPayload(
            f"What entry {row.idx} of the log of {author} published is erased already. Nothing was "
            "drafted."
        )
    return ErasedPayload(author, row.idx, published)


def without_erased(
    verified: Sequence[VerifiedEntry], erased: Collection[tuple[int, str]]
) -> tuple[list[VerifiedEntry], set[int]]:
    """Verified entries without the payloads that a charter has erased, and which entries those are
    of.
    """
    gone = {one.index for one in verified if one.entry and (one.index, one.entry.digest) in erased}
    kept = [
        VerifiedEntry(one.index, one.raw, one.entry, None) if one.index in gone else one
        for one in verified
    ]
    return kept, gone


def _destroy_followed(node: Node, log: FollowedLog, member: Member, *, in_turn: bool) -> None:
    erased = node.charters.erased(log.node)
    with reading(node.replica) as connection:
        if not (in_turn or _still_there(connection, tables.entry, log.id, erased)):
            return
    with writing(node.replica) as connection:
        # Whoever applies entries of this log at the moment is waited for.
        connection.execute(
            select(tables.log.c.id).where(tables.log.c.id == log.id).with_for_update()
        )
        if named := _still_there(connection, tables.entry, log.id, erased):
            destroy_unsaid(connection, node, log, member, named)
    if named:
        forget_deleted(node.replica)


def _destroy_own(node: Node, *, in_turn: bool) -> None:
    erased = node.charters.erased(node.name)
    with reading(node.node_db) as connection:
        if not (in_turn or _still_there(connection, tables.own_entry, OWN, erased)):
            return
    with writing(node.node_db) as connection:
        hold(connection, PUBLISH)
        if named := _still_there(connection, tables.own_entry, OWN, erased):
            destroy_own(connection, node, "erased", named)
    if named:
        forget_deleted(node.node_db)


def _still_there(
    connection: Connection, entry: Table, log: int, erased: Collection[tuple[int, str]]
) -> list[int]:
    """Which of the payloads are held or wanting: the indexes of their entries, in order."""
    found: list[int] = []
    for part in in_parts({index for index, _ in erased}):
        rows = connection.execute(
            select(entry.c.idx, entry.c.raw).where(
                entry.c.log == log,
                entry.c.idx.in_(part),
                entry.c.payload.in_((Payload.HELD, Payload.WANTING)),
            )
        )
        found += [row.idx for row in rows if (row.idx, _digest(row.idx, row.raw)) in erased]
    return sorted(found)


def _digest(index: int, raw: bytes) -> str | None:
    try:
        return decode_entry(raw, index).digest
    except Malformed:
        return None
