"""Message bodies before a placement at a distance: the consultation, and the area authority's view.

Care Planning, Placement and Case Review (England) Regulations 2010, regulation 11(2)(d)(ii): before
the director approves such a placement the area authority is consulted and given the care plan.
"""

from datetime import date, datetime
from typing import ClassVar, Literal, TypeAlias

from msgspec.json import Decoder

from protocols.encoding import decode_canonical, encode_canonical, require_utc
from protocols.kinds import Text
from protocols.messages import MessageId
from protocols.notices import Child, Contact, Document, Placement
from protocols.publication import Publication
from protocols.purposes import Purposed

View: TypeAlias = Literal["no concerns", "concerns", "against"]


class Consultation(
    Purposed, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="consultation/1"
):
    """What an authority would do: `placement` may not have begun. An answer is asked for until the
    end of the day `answer_by`; nothing ends if there is none.
    """

    publication: ClassVar = Publication.CHILD

    child: Child
    placement: Placement
    social_worker: Contact
    why_most_suitable: Document
    care_plan: Document
    asked_at: datetime
    answer_by: date

    def __post_init__(self) -> None:
        require_utc(self.asked_at)


class ConsultationAnswer(
    Purposed,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="consultation-answer/1",
):
    """What the area authority says to it. The first answer stands; `contact` is whom to call."""

    publication: ClassVar = Publication.CHILD

    consultation: MessageId
    answered_at: datetime
    view: View
    contact: Contact
    said: Text | None = None

    def __post_init__(self) -> None:
        require_utc(self.answered_at)


ConsultationBody: TypeAlias = Consultation | ConsultationAnswer

SCHEMAS = frozenset({"consultation/1", "consultation-answer/1"})
_body: Decoder[ConsultationBody] = Decoder(ConsultationBody)


def encode_consultation_body(body: ConsultationBody) -> bytes:
    """The bytes to put into a message's `body`; raises Malformed when no reader would accept it."""
    return encode_canonical(body, _body, "message body")


def decode_consultation_body(data: bytes) -> ConsultationBody:
    """A body of one of SCHEMAS from its bytes; raises Malformed, never naming what was in it."""
    return decode_canonical(data, _body, "message body")
