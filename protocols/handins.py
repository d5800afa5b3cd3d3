"""Message bodies about records that a provider's staff hand in: the record on its way to the
authority where the home stands, and what became of it there.

That authority publishes it, or does not. Nothing here is about a child.
"""

from datetime import datetime
from typing import ClassVar, Literal, TypeAlias

from msgspec import Raw, Struct
from msgspec.json import Decoder

from protocols.encoding import decode_canonical, encode_canonical, require_utc
from protocols.kinds import Line, Text
from protocols.messages import MessageId
from protocols.publication import Publication

Outcome: TypeAlias = Literal["published", "returned", "refused"]


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
    """What became of a record that was handed in. A person has `returned` it, with a reason; by a
    rule it was `refused`.
    """

    publication: ClassVar = Publication.AUTHORITY

    hand_in: MessageId
    outcome: Outcome
    answered_at: datetime
    reason: Text | None = None

    def __post_init__(self) -> None:
        require_utc(self.answered_at)


HandInBody: TypeAlias = HandIn | HandInAnswer

SCHEMAS = frozenset({"hand-in/1", "hand-in-answer/1"})
_body: Decoder[HandInBody] = Decoder(HandInBody)


def encode_hand_in_body(body: HandInBody) -> bytes:
    """The bytes to put into a message's `body`; raises Malformed when no reader would accept it."""
    return encode_canonical(body, _body, "message body")


def decode_hand_in_body(data: bytes) -> HandInBody:
    """A body of one of SCHEMAS from its bytes; raises Malformed, never naming what was in it."""
    return decode_canonical(data, _body, "message body")
