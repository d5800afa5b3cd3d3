"""Chunks that arrive: stored by member and digest, and then part of the message that names them.

No member can fill the disk: what none of its messages has named yet is bounded, and dropped after
days; so is what comes from it in a day.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection, delete, func, insert, select, update

from federation.chunks.tables import arrived_chunk
from federation.database import reading, writing
from federation.errors import AttachmentGone, ChunksMissing, TooManyChunks
from federation.locks import hold
from federation.node import Node
from protocols.attachments import (
    MAX_CHUNK,
    Attachment,
    attachment_context,
    chunk_digest,
    open_attachment,
)
from protocols.charter import Member
from protocols.errors import DigestMismatch
from protocols.messages import Message

UNUSED_FOR = timedelta(days=7)
MOST_UNUSED = 256
MOST_A_DAY = 1024
_chunk = arrived_chunk.c


def take_chunk(node: Node, member: Member, digest: str, chunk: bytes) -> None:
    """Store a chunk that a member delivers; one that is held already is not stored again.

    Raises protocols' DigestMismatch, or TooManyChunks.
    """
    if len(chunk) > MAX_CHUNK or chunk_digest(chunk) != digest:
        raise DigestMismatch("chunk: not the bytes that have this digest")
    now, theirs = node.now(), _chunk.node == member.node
    count = select(func.count()).select_from(arrived_chunk)
    with writing(node.node_db) as connection:
        hold(connection, f"chunks of {member.node}")
        if connection.scalar(count.where(theirs, _chunk.digest == digest)):
            return
        unused = connection.scalar(count.where(theirs, _chunk.message.is_(None))) or 0
        today = connection.scalar(count.where(theirs, _chunk.arrived_at > now - timedelta(days=1)))
        if unused >= MOST_UNUSED or (today or 0) >= MOST_A_DAY:
            raise TooManyChunks(
                f"{unused} chunks of this member wait here for their message, and {today} came "
                f"within a day; there may be {MOST_UNUSED} and {MOST_A_DAY}. Deliver the messages, "
                "or wait"
            )
        connection.execute(
            insert(arrived_chunk).values(
                node=member.node, digest=digest, arrived_at=now, sealed=chunk
            )
        )


def claim_chunks(connection: Connection, member: Member, message: Message) -> None:
    """Make the chunks that a message names its own, and open each of its files once, to be sure.

    In the transaction that stores the message. Raises ChunksMissing, or protocols' Malformed.
    """
    digests = [digest for one in message.attachments for digest in one.chunks]
    free = (_chunk.node == member.node) & _chunk.digest.in_(digests) & _chunk.message.is_(None)
    held = set(connection.scalars(select(_chunk.digest).where(free).with_for_update()))
    if missing := [digest for digest in digests if digest not in held]:
        raise ChunksMissing(missing)
    place = _place(message.sender, message.id)
    connection.execute(update(arrived_chunk).where(free).values(message=place))
    for number in range(len(message.attachments)):
        for _ in attachment_within(connection, message, number):
            pass


def attachment_within(connection: Connection, message: Message, number: int) -> Iterator[bytes]:
    """A file of a message that is being stored in this transaction, in parts."""
    place = _place(message.sender, message.id)
    attachment = message.attachments[number]
    return _opened(
        message.sender, message.id, number, attachment, partial(_sealed, connection, place)
    )


def received_attachment(
    node: Node, sender: str, message: str, number: int, attachment: Attachment
) -> Iterator[bytes]:
    """A file of a message that was received, in parts; no transaction is open between them.

    Raises AttachmentGone once it was erased, or protocols' Malformed.
    """

    def fetch(digest: str) -> bytes:
        with reading(node.node_db) as connection:
            return _sealed(connection, _place(sender, message), digest)

    return _opened(sender, message, number, attachment, fetch)


def forget_attachments(connection: Connection, sender: str, message: str) -> None:
    """Delete the chunks of a message that was received."""
    connection.execute(delete(arrived_chunk).where(_chunk.message == _place(sender, message)))


def drop_unused(node: Node) -> None:
    """Delete the chunks whose message has not come for days."""
    old = _chunk.message.is_(None) & (_chunk.arrived_at < node.now() - UNUSED_FOR)
    with reading(node.node_db) as connection:
        if not connection.scalar(select(func.count()).select_from(arrived_chunk).where(old)):
            return
    with writing(node.node_db) as connection:
        connection.execute(delete(arrived_chunk).where(old))


def _opened(
    sender: str, message: str, number: int, attachment: Attachment, fetch: Callable[[str], bytes]
) -> Iterator[bytes]:
    context = attachment_context(sender, message, number)
    return open_attachment(attachment, context, map(fetch, attachment.chunks))


def _sealed(connection: Connection, place: str, digest: str) -> bytes:
    wanted = select(_chunk.sealed).where(_chunk.message == place, _chunk.digest == digest)
    chunk: bytes | None = connection.scalar(wanted)
    if chunk is None:
        raise AttachmentGone("This attachment was destroyed with its message.")
    return chunk


def _place(sender: str, message: str) -> str:
    return f"{sender}/{message}"
