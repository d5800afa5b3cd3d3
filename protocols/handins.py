"""Message bodies about what a provider's staff hand in: on its way to the authority where the home
stands, withdrawn again, and what became of it there.

That authority publishes or keeps it, or does not. Nothing here is about a child.
"""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Raw, Struct
from msgspec.json import Decoder

from protocols.diligence import Item, Reference
from protocols.documents import Document
from protocols.encoding import decode_canonical, encode_canonical, require_utc
from protocols.kinds import WRITTEN, Code, Line, Text
from protocols.messages import MessageId
from protocols.publication import Publication

MAX_PICTURES = 8
MAX_TOPIC = 3000

Outcome: TypeAlias = Literal["published", "returned", "refused", "withdrawn"]
Topic: TypeAlias = Literal["welcome", "care", "support", "days", "family", "complaints", "advocacy"]


class HandIn(Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="hand-in/1"):
    """A record of a home, by the staff of the provider that runs it. `claim` is the message by
    which the recipient was asked whether they do; `record` is of a schema of its own.
    """

    publication: ClassVar = Publication.AUTHORITY

    claim: MessageId
    handed_in_by: Line
    record: Raw


class HandInAnswer(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="hand-in-answer/1",
):
    """What became of something that was handed in. A person has `returned` it, with a reason; by a
    rule it was `refused`; those who handed it in have `withdrawn` it.
    """

    publication: ClassVar = Publication.AUTHORITY

    hand_in: MessageId
    outcome: Outcome
    answered_at: datetime
    reason: Text | None = None

    def __post_init__(self) -> None:
        require_utc(self.answered_at)


class GuideTopic(Struct, frozen=True, forbid_unknown_fields=True):
    """What a children's guide says of a topic, to a child."""

    publication: ClassVar = Publication.AUTHORITY

    topic: Topic
    text: Annotated[str, Meta(min_length=1, max_length=MAX_TOPIC, pattern=WRITTEN)]


class GuideContact(Struct, frozen=True, forbid_unknown_fields=True):
    """Whom a child may call."""

    publication: ClassVar = Publication.AUTHORITY

    name: Line
    telephone: Annotated[str, Meta(min_length=4, max_length=30, pattern=r"^[-0-9+() ]+\Z")]


class GuideHandIn(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="guide-hand-in/1",
):
    """The children's guide of a home. `pictures` say what each attachment shows, a JPEG."""

    publication: ClassVar = Publication.AUTHORITY

    claim: MessageId
    handed_in_by: Line
    topics: Annotated[tuple[GuideTopic, ...], Meta(min_length=1, max_length=7)]
    complaints: GuideContact | None = None
    advocacy: GuideContact | None = None
    pictures: Annotated[tuple[Line, ...], Meta(max_length=MAX_PICTURES)] = ()

    def __post_init__(self) -> None:
        if len({one.topic for one in self.topics}) < len(self.topics):
            raise ValueError("a topic of the guide stands in it twice")


class DocumentHandIn(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="document-hand-in/1"
):
    """The full document of a home, which is the one attachment of the message."""

    publication: ClassVar = Publication.CONFIDENTIAL

    claim: MessageId
    handed_in_by: Line
    document: Document


class DiligenceHandIn(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="diligence-hand-in/1",
):
    """An item of due diligence, to be checked by the recipient, too: of the provider as a whole, or
    of the home alone. Its document is the one attachment of the message, if there is any.
    """

    publication: ClassVar = Publication.AUTHORITY

    claim: MessageId
    handed_in_by: Line
    item: Item
    of_home: bool
    kind: Code
    issuer: Line
    reference: Reference | None = None
    valid_from: date | None = None
    valid_until: date | None = None

    def __post_init__(self) -> None:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValueError("the item ends before it begins")


class HandInWithdrawal(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="hand-in-withdrawal/1"
):
    """That those who handed something in take it back, as long as it waits."""

    publication: ClassVar = Publication.AUTHORITY

    claim: MessageId
    hand_in: MessageId


class StatementTold(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="statement-told/1"
):
    """That Ofsted was sent the version of a statement of purpose that was revised on a day. Either
    side of a claim tells the other.
    """

    publication: ClassVar = Publication.AUTHORITY

    claim: MessageId
    revised_on: date
    told_on: date
    noted_by: Line


FileHandIn: TypeAlias = GuideHandIn | DocumentHandIn | DiligenceHandIn
HandInBody: TypeAlias = HandIn | HandInAnswer | FileHandIn | HandInWithdrawal | StatementTold

FILES = frozenset({"guide-hand-in/1", "document-hand-in/1", "diligence-hand-in/1"})
"""Schemas of messages that can have attachments."""
SCHEMAS = FILES | {"hand-in/1", "hand-in-answer/1", "hand-in-withdrawal/1", "statement-told/1"}
_body: Decoder[HandInBody] = Decoder(HandInBody)


def encode_hand_in_body(body: HandInBody) -> bytes:
    """The bytes to put into a message's `body`; raises Malformed when no reader would accept it."""
    return encode_canonical(body, _body, "message body")


def decode_hand_in_body(data: bytes) -> HandInBody:
    """A body of one of SCHEMAS from its bytes; raises Malformed, never naming what was in it."""
    return decode_canonical(data, _body, "message body")
