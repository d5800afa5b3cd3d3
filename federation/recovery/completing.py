"""Reading our own log back: entries, payloads, and what is current, into `node.db`.

The rules:

1. The members' copies are trusted as little as any log: signed by our own key, every entry proved
   to be in the tree, every payload the one that its entry names.
2. The log in `node.db` only ever grows. Where it is not a prefix of a copy, nothing is taken.
3. Each batch is one transaction. From the first until the last step, `node.db` says that it is
   being recovered, and signs nothing: a process that is killed is run again.
4. The last step is one transaction too: what is staged and stands in the log already is staged no
   more, what is current is worked out anew, what was signed without anybody having seen it yet is
   made again of what is staged, and the members' checkpoint is stored as our own.
5. Nothing is signed below the high-water mark, whatever was found.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from sqlalchemy import Connection, delete, select, update

from federation import tables
from federation.database import forget_deleted, reading, will_forget, writing
from federation.erasing.again import destroy_again
from federation.erasing.obeying import named_to_be_erased
from federation.errors import FederationError, NothingToRecover, RecoveryIncomplete
from federation.fetching import fetch
from federation.following import Progress, payload_state
from federation.high_water import HighWater
from federation.locks import hold
from federation.node import Node
from federation.peers import Peer
from federation.recovery.attesting import Copy, ask_for_copies, check_copies, is_majority
from federation.recovery.references import Recall, settle_current
from federation.sequencer import PUBLISH, append_staged, held_size, own_frontier
from federation.statements import bulk_insert, in_parts
from federation.store import OWN
from federation.tables import Payload
from protocols.entries import unpack_blobs
from protocols.errors import ProtocolError
from protocols.following import Batch, VerifiedEntry, check_successor, read_entry, verify_batch
from protocols.merkle import Frontier
from protocols.tiles import TILE_WIDTH, node_reader, tile_at

PATIENCE_S = 20.0
UNFINISHED = (
    "our log is being read back from the other members, and not all of it is here yet. Run 'hearth "
    "recover' again; nothing is signed until then"
)
GIVE_UP = (
    "what nobody else saw is lost, and is given up with its key: run 'hearth keys rotate log --out "
    "NEW', and 'hearth charter propose --member NEW --end-key OLD --at {size}' with the key OLD of "
    "'hearth keys list'; have that signed, adopt it here"
)
"""The way on where entries were signed, seen by nobody, and are in no backup."""
Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Recovered:
    """What came of it. `missing` are the entries whose payloads nobody who answered holds;
    `copies` the members that showed a copy, `refused` what was wrong with some of them.
    """

    before: int
    size: int
    payloads: int
    staged_already: int
    missing: tuple[int, ...]
    copies: tuple[str, ...]
    refused: tuple[str, ...] = field(default=())


def recover(
    node: Node, peers: Sequence[Peer], recall: Recall, report: Report = lambda _: None
) -> Recovered:
    """Complete our log from the members' copies of it; signs nothing.

    Raises NothingToRecover where no member that answers has one; RecoveryIncomplete where those
    that answer have less than was signed for, or fail; ForkRefused where they have another history.
    """
    copies = ask_for_copies(node, peers, PATIENCE_S).copies
    if not copies:
        raise NothingToRecover(
            f"none of the {len(peers)} other members that were asked shows a copy of this node's "
            "log. Nothing was changed. Run this again when they can be reached. If nobody ever had "
            f"one, {GIVE_UP.format(size=0)}, and start the node"
        )
    if node.high_water() is None and not is_majority(node, copies):
        raise RecoveryIncomplete(
            f"the high-water mark is missing from the keys, and only {len(copies)} of "
            f"{len(node.others())} other members show a copy of our log: nobody can say how far it "
            "was signed. Nothing was changed. Bring back keys/high-water, or run this again when "
            "more than half of the members answer"
        )
    check_copies(node, copies)
    with reading(node.node_db) as connection:
        before = held_size(connection)
    refused = _complete(node, copies, report)
    payloads = _fill(node, copies, refused)
    already = _settle(node, copies[0], recall)
    destroy_again(node)
    forget_deleted(node.node_db)
    with reading(node.node_db) as connection:
        size, missing = held_size(connection), tuple(_wanting(connection))
    named = tuple(copy.member for copy in copies)
    return Recovered(before, size, payloads, already, missing, named, tuple(refused))


def _complete(node: Node, copies: Sequence[Copy], report: Report) -> list[str]:
    """Bring in the entries, from the longest copy on; gives what was wrong with which."""
    refused: list[str] = []
    for copy in copies:
        try:
            _append_from(node, copy, report)
        except (ProtocolError, FederationError) as error:
            refused.append(f"the copy at {copy.member}: {error}")
    with reading(node.node_db) as connection:
        size = held_size(connection)
    if size < copies[0].checkpoint.size:
        raise _incomplete(size, copies[0].checkpoint.size, "; ".join(refused))
    return refused


def _incomplete(size: int, target: int, why: str) -> RecoveryIncomplete:
    return RecoveryIncomplete(
        f"{size} entries of our log are here now, and {target} were signed for: {why}. What came "
        "is kept, and nothing is signed. Run this again when more members answer; or restore a "
        f"newer backup of node.db. If nobody has more, {GIVE_UP.format(size=size)}, and run this "
        "again"
    )


def _append_from(node: Node, copy: Copy, report: Report) -> None:
    hashes = node_reader(copy.checkpoint.size, lru_cache(maxsize=256)(copy.log.tile))
    with writing(node.node_db) as connection:
        held = own_frontier(connection, node)
    start = held.size
    if start >= copy.checkpoint.size:
        return
    check_successor(held, copy.checkpoint, hashes)
    for entries in fetch(copy.log, start, copy.checkpoint.size):
        batch = verify_batch(held, [entry.raw for entry in entries], copy.checkpoint, hashes)
        _append(node, held, batch, entries)
        held = batch.held
        report(Progress(node.name, held.size - start, held.size, copy.checkpoint.size))


def _append(node: Node, held: Frontier, batch: Batch, verified: Sequence[VerifiedEntry]) -> None:
    erased = named_to_be_erased(verified)
    with writing(node.node_db) as connection:
        hold(connection, PUBLISH)
        if own_frontier(connection, node) != held:
            raise RecoveryIncomplete("another process appends to this log at the moment")
        connection.execute(
            update(tables.own_log).values(
                size=batch.held.size,
                frontier=batch.held.pack(),
                trouble=UNFINISHED,
                trouble_since=node.now(),
            )
        )
        bulk_insert(
            connection,
            tables.own_entry,
            ("log", "idx", "raw", "blob", "payload"),
            [_row(one, erased=one.index in erased) for one in verified],
        )
        bulk_insert(
            connection,
            tables.own_subtree,
            ("log", "level", "idx", "hash"),
            [(OWN, one.level, one.index, one.hash) for one in batch.subtrees],
        )
        # What was erased since: a backup may hold it. Replaced and retired records stay.
        for part in in_parts(erased):
            connection.execute(
                update(tables.own_entry)
                .where(tables.own_entry.c.idx.in_(part))
                .values(blob=None, payload=Payload.ERASED)
            )
        if erased:
            will_forget(connection)


def _row(entry: VerifiedEntry, *, erased: bool) -> tuple[object, ...]:
    """A row of `own_entry`. What a later entry of the same batch erases is never stored."""
    if erased:
        return OWN, entry.index, entry.raw, None, int(Payload.ERASED)
    return OWN, entry.index, entry.raw, entry.blob, payload_state(entry)


def _fill(node: Node, copies: Sequence[Copy], refused: list[str]) -> int:
    """Ask every copy for payloads that are wanting; gives how many came."""
    came = 0
    for copy in copies:
        with reading(node.node_db) as connection:
            numbers = sorted({index // TILE_WIDTH for index in _wanting(connection)})
        try:
            for number in numbers:
                if number * TILE_WIDTH < copy.checkpoint.size:
                    came += _fill_tile(node, copy, number)
        except (ProtocolError, FederationError) as error:
            refused.append(f"the copy at {copy.member}: {error}")
    return came


def _fill_tile(node: Node, copy: Copy, number: int) -> int:
    tile = tile_at(0, number, copy.checkpoint.size)
    blobs = unpack_blobs(copy.log.payloads(tile), tile.width)
    entry, came = tables.own_entry, 0
    within = entry.c.idx.between(tile.start, tile.start + tile.width - 1)
    with writing(node.node_db) as connection:
        hold(connection, PUBLISH)
        wanting = (entry.c.payload == Payload.WANTING) & within
        for row in connection.execute(select(entry.c.idx, entry.c.raw).where(wanting)).all():
            read = read_entry(row.idx, row.raw, blobs[row.idx - tile.start])
            if read.blob is not None:
                came += 1
                connection.execute(
                    update(entry)
                    .where(entry.c.idx == row.idx)
                    .values(blob=read.blob, payload=Payload.HELD)
                )
    return came


def _settle(node: Node, longest: Copy, recall: Recall) -> int:
    """The last step; gives how many staged rows stood in the log already."""
    with writing(node.node_db) as connection:
        hold(connection, PUBLISH)
        already = settle_current(connection, node, recall)
        _go_on_to(connection, node, node.high_water())
        connection.execute(update(tables.own_log).values(trouble=None, trouble_since=None))
        # What waited for its quorum when the rest was lost is older than what has come back.
        connection.execute(delete(tables.unpublished))
        held = own_frontier(connection, node)
        checkpoint = longest.checkpoint
        if (held.size, held.root()) == (checkpoint.size, checkpoint.root):
            connection.execute(
                update(tables.own_log).values(checkpoint=longest.note, verified_at=node.now())
            )
    return already


def _go_on_to(connection: Connection, node: Node, mark: HighWater | None) -> None:
    """What was signed, and seen by nobody yet, comes of what a backup still stages: the same rows
    give the same entries. Raises RecoveryIncomplete where they do not lead to the mark.
    """
    before = held_size(connection)
    if mark is None or before >= mark.size:
        return
    while left := mark.size - held_size(connection):
        if append_staged(connection, node, left) is None:
            break
    frontier = own_frontier(connection, node)
    if (frontier.size, frontier.root()) != (mark.size, mark.root):
        raise _incomplete(before, mark.size, "no member that answered holds more")


def _wanting(connection: Connection) -> Iterator[int]:
    entry = tables.own_entry
    rows = connection.scalars(
        select(entry.c.idx).where(entry.c.payload == Payload.WANTING).order_by(entry.c.idx)
    )
    yield from rows
