"""A follower obeys: what verified entries of a log erase is destroyed, and confirmed afterwards."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from federation import tables
from federation.database import will_forget
from federation.node import Node
from federation.statements import in_parts, upsert
from federation.store import FollowedLog
from federation.tables import Payload
from protocols.charter import Member
from protocols.entries import MAX_INDEX, MAX_NAMED, decode_entry, erase_entry
from protocols.following import VerifiedEntry


def named_to_be_erased(verified: Sequence[VerifiedEntry]) -> set[int]:
    """The indexes whose payloads these entries erase."""
    erasing = [one.entry for one in verified if one.entry and one.entry.op == "erase"]
    return {index for entry in erasing for index in entry.earlier}


def obey(
    connection: Connection, log: FollowedLog, verified: Sequence[VerifiedEntry], now: datetime
) -> bool:
    """Destroy what these entries of a log name, and note that its author is to be told; whether
    anything was held. After the commit, `forget_deleted`.
    """
    erasing = [one.index for one in verified if one.entry and one.entry.op == "erase"]
    if not erasing:
        return False
    held = destroy(connection, log, named_to_be_erased(verified))
    row = {"log": log.id, "obeyed_at": now, "attempts": 0, "next_attempt": now}
    connection.execute(
        upsert(connection, tables.erasure).on_conflict_do_nothing(),
        [row | {"idx": index} for index in erasing],
    )
    return held


def destroy_unsaid(
    connection: Connection, node: Node, log: FollowedLog, member: Member, named: Collection[int]
) -> None:
    """Destroy payloads in `replica.db`, and what the search tables have of them, though no entry of
    the log has said so yet, or none will.
    """
    raws = [erase_entry(part, node.now()) for part in by_the_entry(sorted(named))]
    # As if the entries had come already: no log has this index.
    as_if = [VerifiedEntry(MAX_INDEX, raw, decode_entry(raw, MAX_INDEX), None) for raw in raws]
    destroy(connection, log, set(named))
    node.project(connection, log, member, as_if)


def by_the_entry(named: list[int]) -> Iterable[list[int]]:
    """Indexes, as many at a time as one entry may name."""
    return (named[at : at + MAX_NAMED] for at in range(0, len(named), MAX_NAMED))


def destroy(connection: Connection, log: FollowedLog, indexes: set[int]) -> bool:
    """Destroy the payloads of these entries in `replica.db`; whether any was held."""
    entry, held = tables.entry.c, 0
    for part in in_parts(indexes):
        those = (entry.log == log.id) & entry.idx.in_(part)
        held += connection.scalar(select(func.count()).where(those, entry.blob.is_not(None))) or 0
        connection.execute(
            update(tables.entry).where(those).values(blob=None, payload=Payload.ERASED)
        )
    if held:
        will_forget(connection)
    return held > 0
