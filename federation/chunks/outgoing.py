"""Chunks that leave: sealed in the transaction that queues their message, and sent before it.

Each is marked when the recipient's node has answered for it, so whoever dies goes on from there.
"""

import secrets
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import IO

from sqlalchemy import Connection, delete, func, insert, select, update

from federation.chunks.tables import outgoing_chunk
from federation.database import reading, writing
from federation.node import Node
from federation.peers import Inbox
from protocols.attachments import (
    KEY_SIZE,
    MAX_ATTACHED,
    Attachment,
    MediaType,
    attachment_context,
    chunk_digest,
    seal_attachment,
)
from protocols.encoding import b64url
from protocols.errors import Malformed

TURN_S = 5.0
"""How long the chunks of one message are sent before others have their turn."""
_READ = 256 * 1024
_chunk = outgoing_chunk.c


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file to be attached; `content` is read from where it stands to its end."""

    name: str
    type: MediaType
    content: IO[bytes]


@dataclass(frozen=True, slots=True)
class ChunksHeld:
    """How many of a message's chunks there are, and how many of them the recipient's node holds."""

    held: int
    chunks: int


def attach(
    connection: Connection, *, sender: str, message: str, files: Sequence[Enclosure]
) -> tuple[Attachment, ...]:
    """Seal files for a message that is queued in the caller's transaction; gives what it says of
    them, their keys included. No more than a chunk of a file is held in memory.

    Raises Malformed where a message cannot have them.
    """
    made: list[Attachment] = []
    left, number = MAX_ATTACHED, 0
    for place, file in enumerate(files):
        key = secrets.token_bytes(KEY_SIZE)
        read = _Counted(file.content, left)
        digests: list[str] = []
        for chunk in seal_attachment(key, attachment_context(sender, message, place), read):
            digests.append(chunk_digest(chunk))
            row = {"message": message, "number": number, "digest": digests[-1], "sealed": chunk}
            connection.execute(insert(outgoing_chunk).values(row))
            number += 1
        left -= read.size
        try:
            one = Attachment(file.name, file.type, read.size, b64url(key), tuple(digests))
        except ValueError as error:
            raise Malformed(f"attachment: {error}") from None
        made.append(one)
    return tuple(made)


def chunks_held(
    connection: Connection, messages: Collection[str] | None = None
) -> dict[str, ChunksHeld]:
    """How far the chunks of all messages are, or of those named, by id; without those that have
    none, or are there.
    """
    counted = select(_chunk.message, func.count(_chunk.held_at), func.count()).group_by(
        _chunk.message
    )
    if messages is not None:
        counted = counted.where(_chunk.message.in_(messages))
    return {message: ChunksHeld(held, all_) for message, held, all_ in connection.execute(counted)}


def send_chunks(node: Node, message: str, inbox: Inbox) -> bool:
    """Send the chunks of a message that its recipient's node does not hold; whether it has all.

    After a while it is left off, and goes on at the next call. Raises what delivering does.
    """
    until = monotonic() + TURN_S
    with reading(node.node_db) as connection:
        rest = connection.scalars(
            select(_chunk.number)
            .where(_chunk.message == message, _chunk.held_at.is_(None))
            .order_by(_chunk.number)
        ).all()
    for number in rest:
        if number != rest[0] and monotonic() > until:
            return False
        mine = (_chunk.message == message) & (_chunk.number == number)
        with reading(node.node_db) as connection:
            row = connection.execute(select(_chunk.digest, _chunk.sealed).where(mine)).one()
        inbox.store_chunk(row.digest, row.sealed)
        with writing(node.node_db) as connection:
            connection.execute(update(outgoing_chunk).where(mine).values(held_at=node.now()))
    return True


def note_missing(node: Node, message: str, digests: Collection[str]) -> None:
    """The recipient's node does not hold these chunks of a message after all."""
    with writing(node.node_db) as connection:
        connection.execute(
            update(outgoing_chunk)
            .where(_chunk.message == message, _chunk.digest.in_(digests))
            .values(held_at=None)
        )


def forget_enclosures(connection: Connection, message: str) -> None:
    """Delete the chunks of a message: its recipient has it, or it is never sent again."""
    connection.execute(delete(outgoing_chunk).where(_chunk.message == message))


class _Counted:
    """A file in parts, no further than `most` bytes; `size` says how many there were."""

    def __init__(self, content: IO[bytes], most: int) -> None:
        self._content, self._most, self.size = content, most, 0

    def __iter__(self) -> Iterator[bytes]:
        while part := self._content.read(_READ):
            self.size += len(part)
            if self.size > self._most:
                raise Malformed(f"attachments: more than {MAX_ATTACHED} bytes together")
            yield part
