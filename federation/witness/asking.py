"""Asking a witness to cosign what this node signed last (C2SP tlog-witness), and what came of it.

A checkpoint waits until it has its quorum, and only then do others see it. What a witness holds of
our log shows at the same time whether this database is the one that signed last: a witness that
holds more, and shows our own signature for it, has found an old backup.
"""

from datetime import UTC, datetime
from hashlib import sha256
from http import HTTPStatus

from sqlalchemy import ColumnElement, Connection, delete, select, update

from federation import tables
from federation.client import PeerClient
from federation.database import reading, writing
from federation.errors import FederationError, ForkRefused, PeerRefused, WitnessMisbehaved
from federation.high_water import HighWater
from federation.locks import hold
from federation.node import Node
from federation.sequencer import PUBLISH, sign
from federation.statements import upsert
from federation.store import OWN, HeldLog
from protocols.checkpoint import MAX_CHECKPOINT, Checkpoint, parse_checkpoint
from protocols.cosignature import Cosignature, with_cosignature
from protocols.errors import ProtocolError, QuorumMissing
from protocols.following import open_member_checkpoint
from protocols.merkle import consistency_proof
from protocols.note import parse_note
from protocols.policy import Policy, Witness, require_quorum
from protocols.witnessing import (
    MAX_ADD_CHECKPOINT,
    AddCheckpoint,
    read_conflict,
    read_cosignatures,
)

# Nothing rests on a witness's clock but what its cosignature is a proof of.
CLOCKS_MAY_DIFFER_S = 24 * 60 * 60
_TEXT = "text/plain; charset=utf-8"


def latest_signed(node: Node) -> bytes:
    """The note that was signed last, whether it has its quorum or not.

    Where nothing ever was, the log as it is, which is empty, is signed first: so there is something
    to ask with, and whoever knows of more can say so. Raises ForkRefused where something was signed
    and is lost.
    """
    for _ in range(2):
        with reading(node.node_db) as connection:
            note = _waiting(connection) or connection.scalar(select(tables.own_log.c.checkpoint))
        if note is not None:
            return bytes(note)
        sign(node)
    raise ForkRefused("what this node signs is not stored in its database; nothing is published")


def ask(node: Node, policy: Policy, witness: Witness, client: PeerClient, note: bytes) -> None:
    """Have a witness cosign a note of ours, and keep the cosignature.

    What is in the way is kept for people to see, and raised: any ProtocolError or FederationError.
    """
    checkpoint = parse_checkpoint(parse_note(note).text)
    try:
        cosignature = _cosigned(node, witness, client, note, checkpoint)
    except (ProtocolError, FederationError) as error:
        _note_trouble(node, witness, str(error))
        raise
    with writing(node.node_db) as connection:
        hold(connection, PUBLISH)
        _add(connection, node, policy, note, cosignature)
        _note(
            connection,
            witness,
            size=checkpoint.size,
            cosigned_at=datetime.fromtimestamp(cosignature.time, UTC),
            trouble=None,
            trouble_since=None,
        )


def _cosigned(
    node: Node, witness: Witness, client: PeerClient, note: bytes, checkpoint: Checkpoint
) -> Cosignature:
    """The witness's cosignature, asked for from the size that it holds."""
    with reading(node.node_db) as connection:
        known = connection.scalar(select(tables.cosigner.c.size).where(_is(witness))) or 0
    old = min(known, checkpoint.size)
    for _ in range(2):
        with reading(node.node_db) as connection:
            hashes = HeldLog(connection, OWN, own=True).node(checkpoint.size)
            proof = consistency_proof(old, checkpoint.size, hashes)
        body = AddCheckpoint(old, tuple(proof), note).encode()
        try:
            answer = client.post("add-checkpoint", body, _TEXT, limit=MAX_ADD_CHECKPOINT)
        except PeerRefused as error:
            if error.status == HTTPStatus.UNPROCESSABLE_ENTITY:
                _look_at_what_it_holds(node, client, checkpoint)
            if error.status != HTTPStatus.CONFLICT:
                raise
            old = read_conflict(error.answer)
            if old > checkpoint.size:
                _look_at_what_it_holds(node, client, checkpoint)
                raise WitnessMisbehaved(
                    f"{witness.url}: says that it holds {old} entries of our log, of which "
                    f"{checkpoint.size} are signed, and shows none that we signed"
                ) from error
            continue
        cosignature = read_cosignatures(answer, note, witness.cosigner)
        apart = abs(int(node.now().timestamp()) - cosignature.time)
        if apart > CLOCKS_MAY_DIFFER_S:
            days = apart // (24 * 60 * 60)
            raise WitnessMisbehaved(f"{witness.url}: dates its cosignature {days} days off")
        return cosignature
    raise WitnessMisbehaved(f"{witness.url}: names another size of our log each time")


def _look_at_what_it_holds(node: Node, client: PeerClient, ours: Checkpoint) -> None:
    """A witness does not go along. Raises ForkRefused when what it shows is larger than what this
    database holds, and signed by us: then it is noted beside the keys, so that it stays refused.

    Its word alone stops nothing: a witness may lie, and our signature cannot be made up.
    """
    path = f"{sha256(ours.origin.encode()).hexdigest()}/checkpoint"
    try:
        shown = open_member_checkpoint(client.get(path, limit=MAX_CHECKPOINT), node.member)
    except (ProtocolError, FederationError):
        return
    if shown.size > ours.size:
        with writing(node.node_db) as connection:
            hold(connection, PUBLISH)
            node.raise_high_water(HighWater(shown.size, shown.root))
        raise ForkRefused(
            f"a witness holds {shown.size} entries of our log, signed by us, and this database has "
            f"signed {ours.size}: it is an old backup. Run 'hearth recover', or restore a newer "
            "backup of node.db; nothing is signed until then"
        )


def _add(
    connection: Connection, node: Node, policy: Policy, note: bytes, cosignature: Cosignature
) -> None:
    """Add a cosignature to what it is on: what waits for its quorum, or is published already."""
    text = parse_note(note).text.encode()
    waiting = _waiting(connection)
    if waiting is not None and waiting.startswith(text):
        cosigned = with_cosignature(waiting, cosignature)
        try:
            require_quorum(cosigned, policy)
        except QuorumMissing:
            connection.execute(update(tables.unpublished).values(checkpoint=cosigned))
            return
        connection.execute(delete(tables.unpublished))
        connection.execute(
            update(tables.own_log).values(checkpoint=cosigned, verified_at=node.now())
        )
        return
    published = connection.scalar(select(tables.own_log.c.checkpoint))
    if published is not None and published.startswith(text):
        connection.execute(
            update(tables.own_log).values(checkpoint=with_cosignature(published, cosignature))
        )


def _waiting(connection: Connection) -> bytes | None:
    note: bytes | None = connection.scalar(select(tables.unpublished.c.checkpoint))
    return note


def _is(witness: Witness) -> ColumnElement[bool]:
    return tables.cosigner.c.key == witness.cosigner.key.kid


def _note(connection: Connection, witness: Witness, **values: object) -> None:
    connection.execute(
        upsert(connection, tables.cosigner)
        .values(key=witness.cosigner.key.kid, **({"size": 0} | values))
        .on_conflict_do_update(index_elements=["key"], set_=values)
    )


def _note_trouble(node: Node, witness: Witness, trouble: str) -> None:
    """Keep what is in the way, and since when: its time does not move while any lasts."""
    with writing(node.node_db) as connection:
        since = connection.scalar(select(tables.cosigner.c.trouble_since).where(_is(witness)))
        _note(connection, witness, trouble=trouble, trouble_since=since or node.now())
