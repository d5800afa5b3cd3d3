"""Message bodies to a partner that is told of a child placed in an area: what it may see, and that
somebody has opened it.

The authority of the area tells its virtual school, health bodies and the police. Where a partner is
at a member authority, what it may see of a notice goes there sealed, and no more than that.
"""

from datetime import datetime
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.json import Decoder

from protocols.encoding import decode_canonical, encode_canonical, require_utc
from protocols.kinds import Code, Line
from protocols.messages import MessageId
from protocols.notices import Document
from protocols.publication import Publication

Event: TypeAlias = Literal["placed", "changed", "ended", "withdrawn"]


class Said(Struct, frozen=True, forbid_unknown_fields=True):
    """What a notice says under one field of the published list."""

    publication: ClassVar = Publication.CHILD

    field: Code
    text: Document


class PartnerNotice(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="partner-notice/1"
):
    """What a partner may see of a notice. `notice` is the message that brought it to the sender:
    all that comes about one placement names the same.
    """

    publication: ClassVar = Publication.CHILD

    purpose: Line
    lawful_basis: Line
    notice: MessageId
    event: Event
    said: Annotated[tuple[Said, ...], Meta(max_length=40)]

    def __post_init__(self) -> None:
        if len({one.field for one in self.said}) != len(self.said):
            raise ValueError("a field stands twice")


class PartnerReceipt(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="partner-receipt/1"
):
    """That somebody at the partner has opened it. `told` is the message with the partner notice."""

    publication: ClassVar = Publication.AUTHORITY

    purpose: Line
    lawful_basis: Line
    told: MessageId
    opened_at: datetime
    opened_by: Line

    def __post_init__(self) -> None:
        require_utc(self.opened_at)


PartnerBody: TypeAlias = PartnerNotice | PartnerReceipt

SCHEMAS = frozenset({"partner-notice/1", "partner-receipt/1"})
_body: Decoder[PartnerBody] = Decoder(PartnerBody)


def encode_partner_body(body: PartnerBody) -> bytes:
    """The bytes to put into a message's `body`; raises Malformed when no reader would accept it."""
    return encode_canonical(body, _body, "message body")


def decode_partner_body(data: bytes) -> PartnerBody:
    """A body of one of SCHEMAS from its bytes; raises Malformed, never naming what was in it."""
    return decode_canonical(data, _body, "message body")
