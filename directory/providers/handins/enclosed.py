"""The files of a message with which something is handed in: as many as belong to it, of the kinds
that may, each looked into. They are kept by who takes them in, and not as they came.
"""

from collections.abc import Sequence
from io import BytesIO

from sqlalchemy import Connection

from directory.intake.attachments.errors import AttachmentError
from directory.intake.attachments.kinds import kind_of
from directory.providers.documents.cleaning import DOCUMENTS
from federation import attachment_within, forget_attachments
from protocols.attachments import MediaType
from protocols.errors import Malformed
from protocols.handins import DiligenceHandIn, DocumentHandIn, FileHandIn, GuideHandIn, HandIn
from protocols.messages import Message

_PICTURES: tuple[MediaType, ...] = ("image/jpeg",)


def enclosed(
    connection: Connection, message: Message, body: HandIn | FileHandIn
) -> Sequence[tuple[MediaType, bytes]]:
    """The kind and content of each, in order. Raises Malformed where they do not belong to it."""
    kinds = _PICTURES if isinstance(body, GuideHandIn) else DOCUMENTS
    if len(message.attachments) not in _how_many(body):
        raise Malformed("hand-in: not with the files that belong to it")
    files = []
    for number, one in enumerate(message.attachments):
        content = BytesIO()
        content.writelines(attachment_within(connection, message, number))
        try:
            kind = kind_of(content)
        except AttachmentError as error:
            raise Malformed(f"hand-in: a file {error}") from None
        if kind != one.type or kind not in kinds:
            raise Malformed("hand-in: a file of another kind than belongs to it")
        files.append((kind, content.getvalue()))
    forget_attachments(connection, message.sender, message.id)
    return files


def _how_many(body: HandIn | FileHandIn) -> tuple[int, ...]:
    match body:
        case GuideHandIn():
            return (len(body.pictures),)
        case DocumentHandIn():
            return (1,)
        case DiligenceHandIn():
            return (0, 1)
        case _:
            return (0,)
