"""Message bodies of a census: an authority asks each home in its area how many children live there
and from which authorities. Only numbers are asked for and answered, no names.
"""

from datetime import date, datetime
from typing import Annotated, ClassVar, TypeAlias

from msgspec import Meta, Struct
from msgspec.json import Decoder

from protocols.encoding import decode_canonical, encode_canonical, require_utc
from protocols.kinds import Gss, Line
from protocols.messages import MessageId
from protocols.publication import Publication
from protocols.purposes import Purposed

MAX_COUNTS = 250
_People: TypeAlias = Annotated[int, Meta(ge=0, le=999)]


class CensusAsking(
    Purposed, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="census-asking/1"
):
    """That a home is asked who lived there on a day. The same `census` of the same home again is a
    reminder. `claim` is the message by which the sender was asked whether the provider runs it.
    """

    publication: ClassVar = Publication.AUTHORITY

    census: MessageId
    claim: MessageId
    as_at: date
    answer_by: date
    asked_by: Line


class CensusCount(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How many people whom an authority placed lived in a home; `adults` are 18 or older."""

    publication: ClassVar = Publication.CONFIDENTIAL

    authority: Gss
    children: _People
    adults: _People = 0


class CensusAnswer(
    Purposed, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="census-answer/1"
):
    """The numbers of one home, each authority once. A later answer takes an earlier one's place."""

    publication: ClassVar = Publication.CONFIDENTIAL

    census: MessageId
    claim: MessageId
    counts: Annotated[tuple[CensusCount, ...], Meta(max_length=MAX_COUNTS)]
    answered_by: Line
    answered_at: datetime

    def __post_init__(self) -> None:
        require_utc(self.answered_at)
        if len({one.authority for one in self.counts}) < len(self.counts):
            raise ValueError("an authority is counted twice")


CensusBody: TypeAlias = CensusAsking | CensusAnswer

SCHEMAS = frozenset({"census-asking/1", "census-answer/1"})
_body: Decoder[CensusBody] = Decoder(CensusBody)


def encode_census_body(body: CensusBody) -> bytes:
    """The bytes to put into a message's `body`; raises Malformed when no reader would accept it."""
    return encode_canonical(body, _body, "message body")


def decode_census_body(data: bytes) -> CensusBody:
    """A body of one of SCHEMAS from its bytes; raises Malformed, never naming what was in it."""
    return decode_canonical(data, _body, "message body")
