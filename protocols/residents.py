"""Message bodies about children who live in a home: the home's own notice to the authority of the
area, and what that authority asks where one of two notices is missing.

Regulation 41 of the Children's Homes (England) Regulations 2015: the home tells the authority in
whose area it stands, without delay, of every admission and discharge of a child whom another
authority placed.
"""

from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct
from msgspec.json import Decoder

from protocols.encoding import decode_canonical, encode_canonical, require_utc
from protocols.kinds import Gss, Line, Urn
from protocols.messages import MessageId
from protocols.notices import Contact
from protocols.publication import Publication
from protocols.purposes import Purposed

Accommodated: TypeAlias = Literal["section 20", "section 21", "neither"]
Order: TypeAlias = Literal["care order", "supervision order", "neither"]
Mistake: TypeAlias = Literal["never came", "told twice", "another home", "another person"]
Said: TypeAlias = Literal["follows", "unknown"]


class Resident(Struct, frozen=True, forbid_unknown_fields=True):
    """Who lives in a home, also when grown up."""

    publication: ClassVar = Publication.CHILD

    given_name: Line
    family_name: Line
    born_on: date


class HomeNotice(
    Purposed,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="home-notice/1",
):
    """All of one stay in a home, as the home says it: an admission, a discharge, a correction, or
    that the home takes it back.

    `claim` is the message by which the recipient was asked whether the provider runs the home;
    `stay` names the stay, and what was told of it later takes the earlier's place.
    """

    publication: ClassVar = Publication.CHILD

    claim: MessageId
    stay: MessageId
    told_at: datetime
    told_by: Line
    resident: Resident
    admitted_on: date
    placing_authority: Gss
    placing_contact: Contact
    accommodated: Accommodated
    order: Order
    has_plan: bool
    plan_authority: Gss | None = None
    reviewing_officer: Contact | None = None
    discharged_on: date | None = None
    withdrawn: Mistake | None = None

    def __post_init__(self) -> None:
        require_utc(self.told_at)


class HomeNoticeAsking(
    Purposed,
    frozen=True,
    forbid_unknown_fields=True,
    tag_field="schema",
    tag="home-notice-asking/1",
):
    """That an authority placed a child in the home, of whom the home has told nothing. It does not
    say who: the home knows, if it is so.
    """

    publication: ClassVar = Publication.CONFIDENTIAL

    claim: MessageId
    placing_authority: Gss
    starts_on: date
    asked_by: Line


class PlacementAsking(
    Purposed, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="placement-asking/1"
):
    """That a home says that a child of the recipient's lives there, of whom no notice has come. It
    says as much of the child as the authority needs to find its own, should the home be right.
    """

    publication: ClassVar = Publication.CHILD

    urn: Urn
    initials: Line
    born_on: date
    admitted_on: date
    asked_by: Line


class ResidentAnswer(
    Purposed, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="resident-answer/1"
):
    """What whoever was asked says: a notice `follows`, or the child is `unknown` there."""

    publication: ClassVar = Publication.AUTHORITY

    asking: MessageId
    said: Said
    answered_by: Line
    answered_at: datetime

    def __post_init__(self) -> None:
        require_utc(self.answered_at)


ResidentBody: TypeAlias = HomeNotice | HomeNoticeAsking | PlacementAsking | ResidentAnswer

SCHEMAS = frozenset(
    {"home-notice/1", "home-notice-asking/1", "placement-asking/1", "resident-answer/1"}
)
_body: Decoder[ResidentBody] = Decoder(ResidentBody)


def encode_resident_body(body: ResidentBody) -> bytes:
    """The bytes to put into a message's `body`; raises Malformed when no reader would accept it."""
    return encode_canonical(body, _body, "message body")


def decode_resident_body(data: bytes) -> ResidentBody:
    """A body of one of SCHEMAS from its bytes; raises Malformed, never naming what was in it."""
    return decode_canonical(data, _body, "message body")
