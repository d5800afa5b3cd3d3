"""This node as a witness (C2SP tlog-witness): checks a checkpoint, stores it, and then cosigns.

The rules are in `protocols.witnessing`. Check and store are one transaction, in which nobody else
does the same for that log; a cosignature leaves it only when the database has it on disk.
"""

from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, select

from federation import tables
from federation.database import reading, writing
from federation.errors import NoSuchLog, NotWitnessing
from federation.forks.finding import compare, compare_two
from federation.keystore import NODE
from federation.locks import hold
from federation.node import Node
from federation.statements import upsert
from protocols.charter import Member
from protocols.checkpoint import Checkpoint, parse_claim
from protocols.cosignature import Cosigner, cosign, cosignatures
from protocols.errors import Inconsistent, UnknownKey
from protocols.keys import PrivateKey, Purpose
from protocols.note import NoteVerifier, open_note, parse_note
from protocols.witnessing import AddCheckpoint, advance, parse_add_checkpoint

SAME_ANSWER = timedelta(minutes=1)


def add_checkpoint(node: Node, body: bytes) -> bytes:
    """The cosignature line for a checkpoint of a log that the charter names.

    Raises NotWitnessing, NoSuchLog, or what `advance` does, which says what each means. What is
    refused as inconsistent may prove that the log was forked; then the proof is kept, and told.
    """
    cosigner, key = own_cosigner(node)
    asked = parse_add_checkpoint(body)
    member = _member(node, asked.origin)
    try:
        return _cosigned(node, member, asked, cosigner, key)
    except Inconsistent:
        with reading(node.node_db) as connection:
            wanted = tables.witnessed.c.origin == member.origin
            held = connection.scalar(select(tables.witnessed.c.checkpoint).where(wanted))
        if held is None or not compare_two(node, held, asked.note):
            compare(node, member, asked.note)
        raise


def _cosigned(
    node: Node, member: Member, asked: AddCheckpoint, cosigner: Cosigner, key: PrivateKey
) -> bytes:
    with reading(node.node_db) as connection:
        # Asked before the lock is: what is refused takes nobody's turn, and what was cosigned a
        # moment ago is answered as it was, however often somebody repeats it.
        if answer := _answered(connection, node, member, asked, cosigner):
            return answer
    with writing(node.node_db) as connection:
        hold(connection, f"witness {member.origin}")
        held = _held(connection, member)
        checkpoint, text = advance(held, asked, _verifiers(asked, member))
        now = node.now()
        line = f"{cosign(text, cosigner.name, key, int(now.timestamp()))}\n".encode()
        _keep(connection, checkpoint, _signed_by_log(asked, member) + line, now)
    return line


def latest_cosigned(node: Node, origin_hash: str) -> bytes:
    """The latest checkpoint that this node cosigned of a log, by the SHA-256 of its origin in hex.

    Raises NoSuchLog.
    """
    with reading(node.node_db) as connection:
        for member in node.charter.members:
            if sha256(member.origin.encode()).hexdigest() == origin_hash:
                wanted = tables.witnessed.c.origin == member.origin
                note = connection.scalar(select(tables.witnessed.c.checkpoint).where(wanted))
                if note is not None:
                    return bytes(note)
    raise NoSuchLog("This node has cosigned no checkpoint of such a log.")


def own_cosigner(node: Node) -> tuple[Cosigner, PrivateKey]:
    """This node as the charter's committee knows it, with its key; raises NotWitnessing."""
    committee = node.charter.committee
    held = {key.public: key for key in node.keys.keys(NODE, Purpose.WITNESS)}
    for witness in committee.witnesses if committee else ():
        if witness.cosigner.key in held:
            return witness.cosigner, held[witness.cosigner.key]
    raise NotWitnessing("The charter does not name this node as a witness.")


def _member(node: Node, origin: str) -> Member:
    for member in node.charter.members:
        if member.origin == origin and member.status == "active":
            return member
    raise NoSuchLog("The charter names no active member with a log of this origin.")


def _verifiers(asked: AddCheckpoint, member: Member) -> tuple[NoteVerifier, ...]:
    """The keys that may have signed a checkpoint of the size that the note claims."""
    return member.log_verifiers_at(parse_claim(parse_note(asked.note).text).size)


def _held(connection: Connection, member: Member) -> Checkpoint | None:
    """What was cosigned last of a log. Where only keys have signed it that the charter has ended
    since, it is what the charter says that the log was: which of its histories counts is settled.
    """
    note = connection.scalar(
        select(tables.witnessed.c.checkpoint).where(tables.witnessed.c.origin == member.origin)
    )
    if note is None:
        return None
    if member.pins:
        try:
            open_note(note, member.log_verifiers)
        except UnknownKey:
            return Checkpoint(member.origin, *member.pins[-1])
    return parse_claim(parse_note(note).text)


def _answered(
    connection: Connection, node: Node, member: Member, asked: AddCheckpoint, cosigner: Cosigner
) -> bytes | None:
    """The answer to a request that changes nothing; raises what `advance` does."""
    held = _held(connection, member)
    checkpoint, text = advance(held, asked, _verifiers(asked, member))
    if checkpoint != held:
        return None
    row = connection.execute(
        select(tables.witnessed).where(tables.witnessed.c.origin == member.origin)
    ).one()
    age = node.now() - row.cosigned_at
    if parse_note(row.checkpoint).text != text or not timedelta() <= age < SAME_ANSWER:
        return None
    return b"".join(f"{one.line}\n".encode() for one in cosignatures(row.checkpoint, [cosigner]))


def _signed_by_log(asked: AddCheckpoint, member: Member) -> bytes:
    """The note with the log's own signatures alone, each once: what strangers added is not kept."""
    known = {(one.name, one.key_id) for one in _verifiers(asked, member)}
    parsed = parse_note(asked.note)
    lines = {
        (one.name, one.key_id): one.line
        for one in reversed(parsed.signatures)  # of several by one key, the first was verified
        if (one.name, one.key_id) in known
    }
    return "\n".join([parsed.text, *lines.values(), ""]).encode()


def _keep(connection: Connection, checkpoint: Checkpoint, note: bytes, now: datetime) -> None:
    values = {"size": checkpoint.size, "checkpoint": note, "cosigned_at": now}
    connection.execute(
        upsert(connection, tables.witnessed)
        .values(origin=checkpoint.origin, **values)
        .on_conflict_do_update(index_elements=["origin"], set_=values)
    )
