"""Following a log: fetch, verify, apply. One transaction a batch, with the position in it.

The rules are in `protocols.following`. A process that dies at any instant resumes where its last
transaction ended.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from sqlalchemy import Connection, func, select, update

from federation import tables
from federation.charter.pinned import check_pins, may_start_again, start_again
from federation.contact import note_offered
from federation.database import forget_deleted, reading, writing
from federation.erasing.by_charter import without_erased
from federation.erasing.obeying import named_to_be_erased, obey
from federation.errors import (
    FederationError,
    Overtaken,
    PayloadsWanting,
    PeerRefused,
    QuotaExceeded,
)
from federation.fetching import BATCH_ENTRIES, fetch
from federation.forks.finding import compare
from federation.forks.keeping import refuse_forked
from federation.node import Node
from federation.sources import LogSource
from federation.statements import bulk_insert, in_parts, upsert
from federation.store import FollowedLog, followed_log
from federation.tables import Payload
from protocols.charter import Member
from protocols.checkpoint import Checkpoint
from protocols.entries import unpack_blobs
from protocols.errors import Inconsistent, ProtocolError, Rollback
from protocols.following import (
    Batch,
    VerifiedEntry,
    check_successor,
    open_member_checkpoint,
    read_entry,
    verify_batch,
)
from protocols.merkle import Frontier
from protocols.policy import require_quorum
from protocols.tiles import TILE_WIDTH, node_reader, tile_at

REPAIR_TILES = 8


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a pass over one log has come."""

    node: str
    applied: int
    size: int
    target: int


def follow(
    node: Node,
    member: Member,
    source: LogSource,
    report: Callable[[Progress], None] = lambda _progress: None,
) -> int:
    """Catch up with a member's log; returns how many entries were applied.

    What is in the way is kept with the log, for people to see, and raised: any ProtocolError or
    FederationError. Everything applied until then is verified and stays.
    """
    try:
        applied = catch_up(node, member, source, report)
        if wanting := repair(node, member, source):
            raise PayloadsWanting(
                f"{member.node}: {wanting} payloads are missing or are not what the log names; "
                "their entries count, and they are asked for again"
            )
        note_trouble(node, member, None)
    except Overtaken:
        raise
    except (ProtocolError, FederationError) as error:
        note_trouble(node, member, str(error))
        raise
    return applied


def catch_up(
    node: Node,
    member: Member,
    source: LogSource,
    report: Callable[[Progress], None],
    *,
    proof_first: bool = False,
) -> int:
    """Verify and apply what a source has beyond what is held; returns how many entries came.

    That what is held is a prefix of the log is proved before anything is fetched. Up to a batch of
    new entries prove it themselves, with no look at the tree, however long the log; only when they
    do not, the proof comes first after all (`proof_first`), and tells a fork from wrong entries.

    Raises any ProtocolError or FederationError; Rollback where the source has less.
    """
    with reading(node.node_db) as connection:
        refuse_forked(connection, member)
    log = log_of(node, member)
    note = source.checkpoint()
    checkpoint = open_member_checkpoint(note, member)
    if committee := node.charter.committee:
        require_quorum(note, committee)
    limit = node.charter.rules.max_entries_per_log
    if checkpoint.size > limit:
        raise QuotaExceeded(f"{member.node}: {checkpoint.size} entries; the charter allows {limit}")
    hashes = node_reader(checkpoint.size, lru_cache(maxsize=256)(source.tile))
    held = _frontier(node, log)
    by_themselves = not proof_first and 0 < checkpoint.size - held.size <= BATCH_ENTRIES
    try:
        check_pins(node, member, log, held, checkpoint, source)
        if not by_themselves:
            check_successor(held, checkpoint, hashes)
    except (Inconsistent, Rollback):
        if not may_start_again(member, log, held, note, source):
            compare(node, member, note, hashes)
            raise
        start_again(node, member, log)
        held = Frontier()
    start = held.size
    if checkpoint.size > held.size + BATCH_ENTRIES:
        note_offered(node, member.node, checkpoint.size)
    try:
        for entries in fetch(source, held.size, checkpoint.size):
            batch = verify_batch(held, [entry.raw for entry in entries], checkpoint, hashes)
            _apply(node, member, log, batch, entries)
            held = batch.held
            report(Progress(member.node, held.size - start, held.size, checkpoint.size))
    except (ProtocolError, PeerRefused):
        if not by_themselves:
            raise
        return held.size - start + catch_up(node, member, source, report, proof_first=True)
    _note_verified(node, log, checkpoint, note)
    return held.size - start


def _apply(
    node: Node, member: Member, log: FollowedLog, batch: Batch, verified: list[VerifiedEntry]
) -> None:
    """Store a verified batch and what it means, in one transaction."""
    with writing(node.replica) as connection:
        moved = connection.execute(
            update(tables.log)
            .where(tables.log.c.id == log.id, tables.log.c.size == batch.start)
            .values(size=batch.held.size, frontier=batch.held.pack())
        )
        if moved.rowcount != 1:
            raise Overtaken(f"{member.node}: another process follows this log at the moment")
        # Asked once the row is ours: whoever obeys a new charter waits for it, and finds the rest.
        verified, by_charter = without_erased(verified, node.charters.erased(member.node))
        gone = named_to_be_erased(verified) | by_charter
        bulk_insert(
            connection,
            tables.entry,
            ("log", "idx", "raw", "blob", "payload"),
            [_row(log, one, erased=one.index in gone) for one in verified],
        )
        bulk_insert(
            connection,
            tables.subtree,
            ("log", "level", "idx", "hash"),
            [(log.id, one.level, one.index, one.hash) for one in batch.subtrees],
        )
        erased = obey(connection, log, verified, node.now())
        _no_longer_ask(connection, log, verified)
        node.project(connection, log, node.charters.as_author(member), verified)
    if erased:
        forget_deleted(node.replica)


def _row(log: FollowedLog, entry: VerifiedEntry, *, erased: bool) -> tuple[object, ...]:
    """A row of `entry`. What a later entry of the same batch erases is never stored."""
    if erased:
        return log.id, entry.index, entry.raw, None, int(Payload.ERASED)
    return log.id, entry.index, entry.raw, entry.blob, payload_state(entry)


def payload_state(entry: VerifiedEntry) -> int:
    """Where the payload of an entry is that has just come."""
    if entry.blob is not None:
        return int(Payload.HELD)
    publishes = entry.entry is not None and entry.entry.op == "publish"
    return int(Payload.WANTING if publishes else Payload.NONE)


def _no_longer_ask(
    connection: Connection, log: FollowedLog, verified: Sequence[VerifiedEntry]
) -> None:
    """What is replaced or retired stays where it is held, and is no longer asked for."""
    passed = {index for one in verified if one.entry for index in one.entry.earlier}
    for part in in_parts(passed):
        connection.execute(
            update(tables.entry)
            .where(
                tables.entry.c.log == log.id,
                tables.entry.c.payload == Payload.WANTING,
                tables.entry.c.idx.in_(part),
            )
            .values(payload=Payload.NONE)
        )


def repair(node: Node, member: Member, source: LogSource) -> int:
    """Ask again for payloads that were missing or wrong when their entries came.

    Bundles are drawn by lot, so that one that never comes keeps no other from coming, and after a
    few that bring nothing no more are asked for. Returns how many payloads are still wanting.
    """
    log = log_of(node, member)
    index = tables.entry.c.idx
    wanting = (tables.entry.c.log == log.id) & (tables.entry.c.payload == Payload.WANTING)
    with reading(node.replica) as connection:
        size = connection.scalar(select(tables.log.c.size).where(tables.log.c.id == log.id)) or 0
        numbers = connection.scalars(select(index // TILE_WIDTH).where(wanting).distinct()).all()
    in_vain = 0
    for number in random.sample(numbers, len(numbers)):
        if in_vain == REPAIR_TILES:
            break
        tile = tile_at(0, number, size)
        blobs = unpack_blobs(source.payloads(tile), tile.width)
        within = wanting & index.between(tile.start, tile.start + tile.width - 1)
        with writing(node.replica) as connection:
            connection.execute(
                select(tables.log.c.id).where(tables.log.c.id == log.id).with_for_update()
            )
            rows = connection.execute(select(index, tables.entry.c.raw).where(within)).all()
            asked = [read_entry(row.idx, row.raw, blobs[row.idx - tile.start]) for row in rows]
            asked, _ = without_erased(asked, node.charters.erased(member.node))
            come = [entry for entry in asked if entry.blob is not None]
            for entry in come:
                connection.execute(
                    update(tables.entry)
                    .where(tables.entry.c.log == log.id, index == entry.index)
                    .values(blob=entry.blob, payload=Payload.HELD)
                )
            node.project(connection, log, node.charters.as_author(member), come)
        in_vain += not come
    if not numbers:
        return 0
    with reading(node.replica) as connection:
        return connection.scalar(select(func.count()).select_from(tables.entry).where(wanting)) or 0


def log_of(node: Node, member: Member) -> FollowedLog:
    """The row of a member's log in `replica.db`, made on first use."""
    found = select(tables.log).where(tables.log.c.node == member.node)
    with reading(node.replica) as connection:
        row = connection.execute(found).mappings().one_or_none()
    if row is None:
        with writing(node.replica) as connection:
            new = upsert(connection, tables.log).values(
                node=member.node, origin=member.origin, size=0, frontier=b""
            )
            connection.execute(new.on_conflict_do_nothing())
            row = connection.execute(found).mappings().one()
    return followed_log(row)


def _frontier(node: Node, log: FollowedLog) -> Frontier:
    with reading(node.replica) as connection:
        row = connection.execute(
            select(tables.log.c.size, tables.log.c.frontier).where(tables.log.c.id == log.id)
        ).one()
    return Frontier.unpack(row.size, row.frontier)


def _note_verified(node: Node, log: FollowedLog, checkpoint: Checkpoint, note: bytes) -> None:
    with writing(node.replica) as connection:
        connection.execute(
            update(tables.log)
            .where(tables.log.c.id == log.id, tables.log.c.size == checkpoint.size)
            .values(checkpoint=note, verified_at=node.now())
        )


def note_trouble(
    node: Node, member: Member, trouble: str | None, instead_of: str | None = None
) -> None:
    """Keep what is in the way, and since when: its time does not move while any lasts.

    With `instead_of`, only where that is what is kept at the moment.
    """
    log, kept = log_of(node, member), tables.log.c.trouble
    before = tables.log.c.trouble_since
    with reading(node.replica) as connection:
        if connection.scalar(select(before).where(tables.log.c.id == log.id)) is trouble:
            return  # there was none, and there is none
    since = func.coalesce(before, node.now()) if trouble else None
    this = tables.log.c.id == log.id
    with writing(node.replica) as connection:
        connection.execute(
            update(tables.log)
            .where(this if instead_of is None else this & (kept == instead_of))
            .values(trouble=trouble, trouble_since=since)
        )
