"""Message bodies about a provider's homes: the claim to one, and what the authority says of it.

A provider's staff have their accounts through one authority, and homes anywhere. That authority
asks the one where a home stands whether the provider runs it, and is told. Nothing here is about a
child.
"""

from datetime import datetime
from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct
from msgspec.json import Decoder

from protocols.encoding import decode_canonical, encode_canonical, require_utc
from protocols.kinds import Line, Text, Urn
from protocols.messages import MessageId
from protocols.publication import Publication

ClaimState: TypeAlias = Literal["confirmed", "refused", "ended"]


class HomeClaim(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="home-claim/1"
):
    """That a provider, for whose staff the sender vouches, runs a home in the recipient's area."""

    publication: ClassVar = Publication.AUTHORITY

    urn: Urn
    provider: Line
    asked_by: Line


class HomeClaimAnswer(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="home-claim-answer/1",
):
    """What the authority of the area says of a claim. A later answer takes an earlier one's place;
    `ended` says that the provider runs the home no longer.
    """

    publication: ClassVar = Publication.AUTHORITY

    claim: MessageId
    state: ClaimState
    answered_at: datetime
    reason: Text | None = None

    def __post_init__(self) -> None:
        require_utc(self.answered_at)


ProviderBody: TypeAlias = HomeClaim | HomeClaimAnswer

SCHEMAS = frozenset({"home-claim/1", "home-claim-answer/1"})
_body: Decoder[ProviderBody] = Decoder(ProviderBody)


def encode_provider_body(body: ProviderBody) -> bytes:
    """The bytes to put into a message's `body`; raises Malformed when no reader would accept it."""
    return encode_canonical(body, _body, "message body")


def decode_provider_body(data: bytes) -> ProviderBody:
    """A body of one of SCHEMAS from its bytes; raises Malformed, never naming what was in it."""
    return decode_canonical(data, _body, "message body")
