"""Message bodies about a child placed out of area: the notice, and the area authority's answer.

The notice carries what regulation 13(4) of the Care Planning, Placement and Case Review (England)
Regulations 2010 asks for: written notice with the assessment of needs, why this placement is the
most suitable, and the care plan. Documents are named here; their text travels in this body.
"""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.json import Decoder

from protocols.encoding import decode_canonical, encode_canonical, require_utc
from protocols.errors import UnknownSchema
from protocols.kinds import WRITTEN, Line, Urn
from protocols.messages import MessageId
from protocols.publication import Publication
from protocols.records import schema_of

Document: TypeAlias = Annotated[str, Meta(min_length=1, max_length=60_000, pattern=WRITTEN)]
Setting: TypeAlias = Literal[
    "children's home",
    "foster care",
    "supported accommodation",
    "residential school",
    "secure home",
    "family and friends",
    "unregistered",
    "other",
]
LegalStatus: TypeAlias = Literal["section 20", "section 21", "section 31", "section 38", "other"]


class Contact(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A person to call. `telephone` as dialled."""

    publication: ClassVar = Publication.AUTHORITY

    name: Line
    role: Line
    telephone: Line
    email: Line | None = None


class Child(Struct, frozen=True, forbid_unknown_fields=True):
    """Who is placed. `identifier` is the placing authority's own and means nothing elsewhere."""

    publication: ClassVar = Publication.CHILD

    identifier: Line
    given_name: Line
    family_name: Line
    born_on: date


class Placement(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where and from when. `urn` is absent where there is no registered home."""

    publication: ClassVar = Publication.CHILD

    setting: Setting
    address: Line
    starts_on: date
    urn: Urn | None = None
    emergency: bool = False
    at_a_distance: bool = False


class Notice(Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="notice/1"):
    """Out-of-area notice to the area authority, regulation 13(4)."""

    publication: ClassVar = Publication.CHILD

    child: Child
    placement: Placement
    social_worker: Contact
    out_of_hours: Contact
    reviewing_officer: Contact
    legal_status: LegalStatus
    assessment_of_needs: Document
    why_most_suitable: Document
    care_plan: Document


class PlacementNotice(
    Notice,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="notice/2",
):
    """The same notice, which says what it is for. `consultation` is the message with which the area
    authority was consulted before (regulation 11(2)(d)).
    """

    purpose: Line
    lawful_basis: Line
    expected_end: date | None = None
    consultation: MessageId | None = None


class Acknowledgement(
    Struct, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="acknowledgement/1"
):
    """The area authority's answer to a notice: who there to call about this child."""

    publication: ClassVar = Publication.AUTHORITY

    notice: MessageId
    contact: Contact
    acknowledged_at: datetime

    def __post_init__(self) -> None:
        require_utc(self.acknowledged_at)


Body: TypeAlias = Notice | PlacementNotice | Acknowledgement


_body: Decoder[Body] = Decoder(Body)
_KNOWN = frozenset({"notice/1", "notice/2", "acknowledgement/1"})


def encode_body(body: Body) -> bytes:
    """The bytes to put into a message's `body`; raises Malformed when no reader would accept it."""
    return encode_canonical(body, _body, "message body")


def decode_body(data: bytes) -> Body:
    """A body from its bytes; raises UnknownSchema or Malformed, never naming what was in it."""
    if (schema := schema_of(data, "message body")) not in _KNOWN:
        raise UnknownSchema(f"message body: schema {schema!r} is not known here")
    return decode_canonical(data, _body, "message body")
