"""Attachments: files that belong to a message, sealed, and cut into chunks that travel before it.

A file is sealed by C2SP chunked-encryption in its instantiation Cobblestone-256, under a key of its
own, which stands in the signed message together with the file's name and kind. So who stores or
passes on the chunks learns how much there is, and nothing else. The context names the message: what
was sealed for one opens in no other. What is sealed is cut into chunks that are known by their
SHA-256, so that a transfer goes on where it stopped.

Sealing draws a salt from the operating system through cryptography.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Annotated, ClassVar, Literal, TypeAlias

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from msgspec import Meta, Struct

from protocols.encoding import b64url, from_b64url
from protocols.entries import Digest
from protocols.errors import Malformed
from protocols.kinds import HIDDEN, Gss
from protocols.publication import Publication

MAX_ATTACHED = 25 * 1024 * 1024
"""Bytes of all files of a message together."""
MAX_ATTACHMENTS = 10
MAX_CHUNK = 1024 * 1024
MAX_FILE_NAME = 120
KEY_SIZE = 32
# C2SP chunked-encryption: salt and commitment first; a tag for each 16 KiB, and for what is left.
_HEADER = 24 + 32
_PART, _TAG = 16 * 1024, 16

MediaType: TypeAlias = Literal[
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "image/jpeg",
    "image/png",
]
ENDINGS: dict[MediaType, tuple[str, ...]] = {
    "application/pdf": (".pdf",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
}
# No separator of folders, nothing that an operating system reads otherwise, nothing hidden.
FILE_NAME = rf"^(?![\s.])[^\x00-\x1f{HIDDEN}/\\:*?\"<>|]+\Z"
FileName: TypeAlias = Annotated[
    str, Meta(min_length=1, max_length=MAX_FILE_NAME, pattern=FILE_NAME)
]


class Attachment(Struct, frozen=True, forbid_unknown_fields=True):
    """A file of a message, in the order of its list. `size` is that of the file, in bytes.

    `key` opens it; `chunks` are the digests of what is sealed, in order.
    """

    publication: ClassVar = Publication.CHILD

    name: FileName
    type: MediaType
    size: Annotated[int, Meta(ge=1, le=MAX_ATTACHED)]
    key: Digest  # 32 bytes, too
    chunks: tuple[Digest, ...]

    def __post_init__(self) -> None:
        if not self.name.lower().endswith(ENDINGS[self.type]):
            raise ValueError("a file's name does not end as its type does")
        if len(self.chunks) != chunk_count(self.size):
            raise ValueError("a file has not as many chunks as its size gives")


def check_together(attachments: tuple[Attachment, ...]) -> None:
    """Raise ValueError where the attachments of one message do not go together."""
    digests = [digest for one in attachments for digest in one.chunks]
    names = {one.name.casefold() for one in attachments}
    if sum(one.size for one in attachments) > MAX_ATTACHED:
        raise ValueError(f"the attachments have more than {MAX_ATTACHED} bytes together")
    if len(set(digests)) < len(digests) or len(names) < len(attachments):
        raise ValueError("two attachments have the same name, or a chunk in common")


def chunk_count(size: int) -> int:
    """How many chunks a file of `size` bytes has, once it is sealed."""
    sealed = _HEADER + size + _TAG * (size // _PART + 1)
    return -(-sealed // MAX_CHUNK)


def chunk_digest(chunk: bytes) -> str:
    """What a chunk is known by: base64url of its SHA-256."""
    return b64url(sha256(chunk).digest())


def attachment_context(sender: Gss, message: str, number: int) -> bytes:
    """The context of C2SP chunked-encryption: the place of a file, counted from 0, in a message."""
    return f"commonhearth/attachment/1\n{sender}\n{message}\n{number}".encode()


def seal_attachment(key: bytes, context: bytes, file: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks of a file, in order. `key` is 32 random bytes, drawn for this file alone."""
    seal = Cobblestone256Encryptor(key, context)
    held = bytearray()
    for part in file:
        held += seal.update(part)
        while len(held) >= MAX_CHUNK:
            yield bytes(held[:MAX_CHUNK])
            del held[:MAX_CHUNK]
    held += seal.finalize()
    for at in range(0, len(held), MAX_CHUNK):
        yield bytes(held[at : at + MAX_CHUNK])


def open_attachment(
    attachment: Attachment, context: bytes, chunks: Iterable[bytes]
) -> Iterator[bytes]:
    """A file in parts, each of them authentic; `chunks` are all of its, in order.

    That nothing is missing is certain at the end. Raises Malformed for a chunk that is not the one
    that stands there, for what does not open, and for a file that is not as long as it says.
    """
    opening = Cobblestone256Decryptor(from_b64url(attachment.key, "attachment"), context)
    left, digests = attachment.size, iter(attachment.chunks)
    try:
        for chunk in chunks:
            if chunk_digest(chunk) != next(digests, None):
                raise Malformed("attachment: a chunk is not the one that the message names")
            part = opening.update(chunk)
            left -= len(part)
            yield part
        part = opening.finalize()
    except InvalidTag as error:
        raise Malformed("attachment: the seal does not open") from error
    if left != len(part):
        raise Malformed("attachment: not as long as the message says")
    yield part
