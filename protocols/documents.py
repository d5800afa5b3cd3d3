"""Message bodies about a home's full documents: one is asked for with a reason, and given or not.

What leads to a home's door is published nowhere. An authority that needs it asks the one in whose
area the home stands, and the document comes as the attachment of the answer (regulation 16(2) of
the Children's Homes (England) Regulations 2015 has it given to placing authorities on request).
"""

from datetime import datetime, timedelta
from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct
from msgspec.json import Decoder

from protocols.encoding import decode_canonical, encode_canonical, require_utc
from protocols.kinds import Line, Text, Urn
from protocols.messages import MessageId
from protocols.publication import Publication

KEPT_FOR = timedelta(days=14)
"""After this the asker's node destroys a document that it was given."""

Document: TypeAlias = Literal["statement-of-purpose"]


class DocumentAsking(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="document-asking/1"
):
    """That somebody of the sender's asks for a document of a home in the recipient's area."""

    publication: ClassVar = Publication.CONFIDENTIAL

    urn: Urn
    document: Document
    reason: Text
    asked_by: Line


class DocumentAnswer(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="document-answer/1",
):
    """What became of it. The document is the one attachment of the message that says `given`."""

    publication: ClassVar = Publication.CONFIDENTIAL

    asking: MessageId
    state: Literal["given", "refused"]
    answered_at: datetime
    reason: Text | None = None

    def __post_init__(self) -> None:
        require_utc(self.answered_at)


DocumentBody: TypeAlias = DocumentAsking | DocumentAnswer

SCHEMAS = frozenset({"document-asking/1", "document-answer/1"})
_body: Decoder[DocumentBody] = Decoder(DocumentBody)


def encode_document_body(body: DocumentBody) -> bytes:
    """The bytes to put into a message's `body`; raises Malformed when no reader would accept it."""
    return encode_canonical(body, _body, "message body")


def decode_document_body(data: bytes) -> DocumentBody:
    """A body of one of SCHEMAS from its bytes; raises Malformed, never naming what was in it."""
    return decode_canonical(data, _body, "message body")
