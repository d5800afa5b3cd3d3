"""The one sequencer of a node's own log: staged payloads become entries, entries are signed for.

Three steps, each durable before the next, so that a crash between any two loses and forks nothing:

1. one transaction moves staged payloads into the log as entries;
2. the high-water mark beside the keys says what is about to be signed;
3. a checkpoint over the entries is signed and stored; only now do others see them. Where the
   charter names witnesses, it is stored as `unpublished`, until a quorum has cosigned it
   (`witness.asking`): only then do others see them.

A database that is older than the high-water mark (a restored backup) signs nothing. Nor is anything
appended or signed before the witnesses have confirmed how far this log was signed, or while the
last checkpoint waits for them: until then it stays staged. Whoever stages,
appends or signs is the only one to do so (`locks`): staged rows are numbered in the order in which
they were committed, and no two checkpoints are made at once.
"""

import secrets
from collections.abc import Iterable

import msgspec
from sqlalchemy import Connection, delete, func, insert, select, update

from federation import tables
from federation.database import reading, writing
from federation.errors import ForkFound, ForkRefused, UnsafeKeys, WitnessesWanting
from federation.forks.keeping import refuse_forked
from federation.high_water import HighWater
from federation.locks import hold
from federation.node import Node
from federation.store import OWN, HeldLog
from federation.tables import Payload
from protocols.checkpoint import Checkpoint, sign_checkpoint
from protocols.entries import SALT_SIZE, erase_entry, make_blob, publish_entry, retire_entry
from protocols.errors import Malformed
from protocols.merkle import Frontier, leaf_hash, subtree_root

BATCH = 4096
PUBLISH = "publish"


def stage(connection: Connection, node: Node, records: Iterable[tuple[str, bytes]]) -> int:
    """Queue records for publication, in the caller's transaction on `node.db`.

    Nobody else stages or publishes until that transaction ends.
    Each comes with a reference of at most 120 characters that says what it is a version of; the
    entry will name the one that it replaces. Returns how many were queued.
    """
    hold(connection, PUBLISH)
    now = node.now()
    rows = [
        {
            "reference": reference,
            "blob": make_blob(secrets.token_bytes(SALT_SIZE), record),
            "staged_at": now,
        }
        for reference, record in records
    ]
    if rows:
        connection.execute(insert(tables.staged), rows)
    return len(rows)


def stage_retirement(connection: Connection, node: Node, references: Iterable[str]) -> int:
    """Queue what takes these references' records out of what is current, in the caller's
    transaction. One that is not published by then retires nothing. Returns how many were queued.
    """
    hold(connection, PUBLISH)
    now = node.now()
    rows = [
        {"reference": reference, "blob": b"", "staged_at": now, "operation": "retire"}
        for reference in references
    ]
    if rows:
        connection.execute(insert(tables.staged), rows)
    return len(rows)


def staged_count(connection: Connection) -> int:
    """How many payloads and retirements wait to come to the log."""
    return connection.scalar(select(func.count()).select_from(tables.staged)) or 0


def staged_references(connection: Connection) -> set[str]:
    """Of what something waits to come to the log."""
    return set(connection.scalars(select(tables.staged.c.reference)))


def sequence(node: Node) -> int:
    """Publish everything that is staged; returns how many entries came to the log.

    Signs the empty log too, so that others can begin to follow it. Raises ForkRefused, and
    WitnessesWanting.
    """
    appended = 0
    if not has_work(node):
        return appended
    _require_witnesses(node)
    while (batch := _append(node)) is not None:
        appended += batch
    sign(node)
    return appended


def has_work(node: Node) -> bool:
    """Whether something is staged, or what is signed is not what the high-water mark says.

    Asks without the write lock.
    """
    with reading(node.node_db) as connection:
        log = connection.execute(select(tables.own_log)).one_or_none()
        if log is None or log.checkpoint is None or staged_count(connection):
            return True
    mark = node.high_water()
    if mark is None or mark.size != log.size:
        return True
    return not _is_signed(node, log.checkpoint, Checkpoint(log.origin, mark.size, mark.root))


def waits_for_quorum(node: Node) -> bool:
    """Whether a checkpoint is signed, and too few witnesses have cosigned it."""
    if node.charter.committee is None:
        return False
    with reading(node.node_db) as connection:
        return connection.scalar(select(tables.unpublished.c.id)) is not None


def _require_witnesses(node: Node) -> None:
    """Raise WitnessesWanting unless the committee, where there is one, is of one mind with us; and
    ForkRefused first, where waiting for it would not help.
    """
    if node.charter.committee is None:
        return
    with reading(node.node_db) as connection:
        refuse_fork(connection, node)
    if not node.compared.is_set():
        raise WitnessesWanting(
            "too few of the charter's witnesses have confirmed how far our log was signed. Nothing "
            "is signed until they have; what is staged waits, and is published then"
        )
    if waits_for_quorum(node):
        raise WitnessesWanting(
            "the last checkpoint of our log waits for the quorum of witnesses. Nothing more is "
            "signed until it has it; what is staged waits, and is published then"
        )


def _append(node: Node) -> int | None:
    """Step 1: at most BATCH staged rows become entries. Gives how many; None when none waits."""
    with writing(node.node_db) as connection:
        hold(connection, PUBLISH)
        refuse_fork(connection, node)
        return append_staged(connection, node, BATCH)


def append_staged(connection: Connection, node: Node, most: int) -> int | None:
    """Make entries of the first staged rows, in the transaction of whoever holds PUBLISH and knows
    that this forks nothing. Gives how many; None when nothing is staged.
    """
    rows = connection.execute(select(tables.staged).order_by(tables.staged.c.id).limit(most)).all()
    if not rows:
        return None
    frontier = own_frontier(connection, node)
    references = {row.reference for row in rows}
    held = connection.execute(
        select(tables.current).where(tables.current.c.reference.in_(references))
    )
    current: dict[str, int] = {row.reference: row.idx for row in held}
    entries: list[dict[str, object]] = []
    raws: list[bytes] = []
    for row in rows:
        index, earlier = frontier.size + len(entries), current.pop(row.reference, None)
        if row.operation == "publish":
            raw = publish_entry(row.blob, row.staged_at, earlier)
            blob, payload = row.blob, Payload.HELD
            current[row.reference] = index
        elif row.operation == "erase":
            named = msgspec.json.decode(row.earlier, type=list[int])
            raw = erase_entry(named, row.staged_at)
            blob, payload = None, Payload.NONE
        elif earlier is not None:
            raw = retire_entry(earlier, row.staged_at)
            blob, payload = None, Payload.NONE
        else:
            continue
        entries.append({"log": OWN, "idx": index, "raw": raw, "blob": blob, "payload": payload})
        raws.append(raw)
    after, subtrees = frontier.extend(leaf_hash(raw) for raw in raws)
    if entries:
        connection.execute(insert(tables.own_entry), entries)
    if subtrees:
        connection.execute(
            insert(tables.own_subtree),
            [{"log": OWN, "level": s.level, "idx": s.index, "hash": s.hash} for s in subtrees],
        )
    connection.execute(delete(tables.current).where(tables.current.c.reference.in_(references)))
    if current:
        connection.execute(
            insert(tables.current),
            [{"reference": reference, "idx": index} for reference, index in current.items()],
        )
    connection.execute(delete(tables.staged).where(tables.staged.c.id <= rows[-1].id))
    connection.execute(update(tables.own_log).values(size=after.size, frontier=after.pack()))
    return len(entries)


def sign(node: Node) -> None:
    """Steps 2 and 3; nothing where the log is signed for as it is. Raises ForkRefused."""
    with writing(node.node_db) as connection:
        hold(connection, PUBLISH)
        frontier = own_frontier(connection, node)
        checkpoint = Checkpoint(node.member.origin, frontier.size, frontier.root())
        held = connection.scalar(select(tables.own_log.c.checkpoint))
        if held and _is_signed(node, held, checkpoint):
            return
        refuse_fork(connection, node)
        node.raise_high_water(HighWater(checkpoint.size, checkpoint.root))
        signers = node.log_signers(checkpoint.size)
        if not signers:
            raise UnsafeKeys(
                "no log key that the charter names for this node may sign: restore the key backup"
            )
        note = sign_checkpoint(checkpoint, *signers)
        connection.execute(delete(tables.unpublished))
        if node.charter.committee is None:
            connection.execute(
                update(tables.own_log).values(checkpoint=note, verified_at=node.now())
            )
        else:
            connection.execute(
                insert(tables.unpublished).values(id=OWN, checkpoint=note, signed_at=node.now())
            )


def _is_signed(node: Node, note: bytes, checkpoint: Checkpoint) -> bool:
    """Whether a note is this checkpoint, signed with every log key that we have for it now."""
    text = checkpoint.text.encode()
    return note.startswith(text) and all(
        one.line(text).encode() in note for one in node.log_signers(checkpoint.size)
    )


def own_frontier(connection: Connection, node: Node) -> Frontier:
    """What the log holds, in a `writing` transaction; its row is made on first use."""
    row = connection.execute(select(tables.own_log)).one_or_none()
    if row is None:
        connection.execute(
            insert(tables.own_log).values(
                id=OWN, node=node.name, origin=node.member.origin, size=0, frontier=b""
            )
        )
        return Frontier()
    return Frontier.unpack(row.size, row.frontier)


def held_size(connection: Connection) -> int:
    """How many entries of our log `node.db` holds."""
    return connection.scalar(select(tables.own_log.c.size)) or 0


def held_root(connection: Connection, size: int) -> bytes:
    """The root over the first `size` entries of our log in `node.db`; raises Malformed."""
    held = HeldLog(connection, OWN, own=True)
    return subtree_root(0, size, held.node(held_size(connection)))


def refuse_fork(connection: Connection, node: Node) -> None:
    """Raise ForkRefused unless what was signed before is a prefix of this database's log, and no
    proof is kept that this log was forked.
    """
    try:
        refuse_forked(connection, node.member)
    except ForkFound as error:
        raise ForkRefused(f"{error}. Nothing is signed until then") from error
    size, mark = held_size(connection), node.high_water()
    if unfinished := connection.scalar(select(tables.own_log.c.trouble)):
        raise ForkRefused(unfinished)
    if mark is None:
        if connection.scalar(select(tables.own_log.c.checkpoint)) is None:
            return
        raise ForkRefused(
            "the high-water mark is missing from the keys, so nothing says how far this log was "
            "signed. Bring back the file keys/high-water; or run 'hearth recover', which asks the "
            "other members; or make it with one line: the size and the root, with a space between, "
            "that any other member's 'hearth log-info --json' gives for our log. Nothing is signed "
            "until then"
        )
    if mark.size > size:
        raise ForkRefused(
            f"this database holds {size} entries of our log, but {mark.size} were signed for. "
            "It is older than the keys. Run 'hearth recover', which reads the rest back from the "
            "other members; or restore a newer backup of node.db. Nothing is signed until then"
        )
    try:
        root = held_root(connection, mark.size)
    except Malformed as error:
        raise ForkRefused(
            "the entries of our log in this database are damaged. Restore a backup of node.db; "
            "nothing is signed until then"
        ) from error
    if root != mark.root and (mark.size, mark.root) in node.member.pins:
        raise ForkRefused(
            f"by the charter, our log was another at size {mark.size} than this database has. The "
            "end of a key cannot be moved: restore the database that holds that history, or run "
            "'hearth recover' without one. Nothing is signed until then"
        )
    if root != mark.root:
        raise ForkRefused(
            "this database's log differs from what was signed before. Restore the backup of "
            "node.db that belongs to these keys; nothing is signed until then"
        )
