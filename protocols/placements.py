"""Message bodies that follow a notice: changes, endings, withdrawals, questions and answers.

What the placing authority says of one notice is numbered, from 1 and without a gap. Its order is
that of the numbers, in whatever order messages come, so that both authorities know the same.

Care Planning, Placement and Case Review (England) Regulations 2010: regulation 13 for what was
notified, regulation 14 for the end of a placement.
"""

from datetime import date, datetime
from typing import Annotated, ClassVar, Literal, TypeAlias

from msgspec import Meta
from msgspec.json import Decoder

from protocols.encoding import decode_canonical, encode_canonical, require_utc
from protocols.kinds import Text
from protocols.messages import MessageId
from protocols.notices import Child, Contact, Document, LegalStatus, Placement
from protocols.publication import Publication
from protocols.purposes import Purposed

Number: TypeAlias = Annotated[int, Meta(ge=1, le=9_999)]
ChangeKind: TypeAlias = Literal["change", "extension", "correction"]
EndedBy: TypeAlias = Literal[
    "placing authority", "home or carer", "child or family", "court", "nobody"
]
EndedFor: TypeAlias = Literal[
    "care plan",
    "returned home",
    "turned 18",
    "child asked",
    "behaviour",
    "other request of the home",
    "placing authority asked",
    "standards of care",
    "allegation",
    "home closed",
    "custody",
    "other",
]
WithdrawnFor: TypeAlias = Literal[
    "wrong authority", "wrong child", "sent twice", "placement fell through"
]
BREACHES: frozenset[WithdrawnFor] = frozenset({"wrong authority", "wrong child"})
"""Reasons for which somebody has read of a child who had no need to: a personal data breach."""


class PlacementChange(
    Purposed,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="placement-change/1",
):
    """What is different `since` a day. Each member of the notice that is there takes the place of
    the one of that name. A correction was never otherwise; an extension says how long, and calls
    off an ending that was said before it. Files may go with it, and then it may name no member.
    """

    publication: ClassVar = Publication.CHILD

    notice: MessageId
    number: Number
    said_at: datetime
    kind: ChangeKind
    since: date
    child: Child | None = None
    placement: Placement | None = None
    social_worker: Contact | None = None
    out_of_hours: Contact | None = None
    reviewing_officer: Contact | None = None
    legal_status: LegalStatus | None = None
    assessment_of_needs: Document | None = None
    why_most_suitable: Document | None = None
    care_plan: Document | None = None
    expected_end: date | None = None
    reason: Text | None = None

    def __post_init__(self) -> None:
        require_utc(self.said_at)
        if self.kind == "extension" and self.expected_end is None:
            raise ValueError("an extension without the day until which")


CHANGEABLE = (
    "child",
    "placement",
    "social_worker",
    "out_of_hours",
    "reviewing_officer",
    "legal_status",
    "assessment_of_needs",
    "why_most_suitable",
    "care_plan",
    "expected_end",
)
"""Members of a notice that a change may give anew."""


def says_nothing(change: PlacementChange) -> bool:
    """Whether a change names no member of the notice: one that no file goes with is refused."""
    return all(getattr(change, name) is None for name in CHANGEABLE)


class PlacementEnding(
    Purposed,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="placement-ending/1",
):
    """That a placement ends, or has ended: regulation 14. A later one takes the place of an
    earlier one. `given_on` is when whoever ended it said so.
    """

    publication: ClassVar = Publication.CHILD

    notice: MessageId
    number: Number
    said_at: datetime
    ended_on: date
    planned: bool
    given_by: EndedBy
    why: EndedFor
    given_on: date | None = None
    said: Text | None = None

    def __post_init__(self) -> None:
        require_utc(self.said_at)


class Withdrawal(
    Purposed,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="withdrawal/1",
):
    """That a notice should not have been sent. The recipient marks it, and destroys nothing by
    itself. `contact` is whom to call about it.
    """

    publication: ClassVar = Publication.CHILD

    notice: MessageId
    number: Number
    said_at: datetime
    why: WithdrawnFor
    contact: Contact
    said: Text | None = None

    def __post_init__(self) -> None:
        require_utc(self.said_at)


class WithdrawalAnswer(
    Purposed,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="withdrawal-answer/1",
):
    """What became of a withdrawn notice: how many people had opened it, whether it went further,
    and what was done so that nobody else reads it. The one answered last counts.
    """

    publication: ClassVar = Publication.CHILD

    notice: MessageId
    withdrawal: MessageId
    answered_at: datetime
    opened_by: Annotated[int, Meta(ge=0, le=9_999)]
    passed_on: bool
    contained: bool
    contact: Contact
    said: Text | None = None

    def __post_init__(self) -> None:
        require_utc(self.answered_at)


class Question(
    Purposed, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="question/1"
):
    """What the area authority asks back about a notice."""

    publication: ClassVar = Publication.CHILD

    notice: MessageId
    asked_at: datetime
    asked_by: Contact
    text: Text

    def __post_init__(self) -> None:
        require_utc(self.asked_at)


class QuestionAnswer(
    Purposed, frozen=True, forbid_unknown_fields=True, tag_field="schema", tag="answer/1"
):
    """What the placing authority answers. There may be several to one question."""

    publication: ClassVar = Publication.CHILD

    notice: MessageId
    question: MessageId
    answered_at: datetime
    answered_by: Contact
    text: Text

    def __post_init__(self) -> None:
        require_utc(self.answered_at)


FromPlacing: TypeAlias = PlacementChange | PlacementEnding | Withdrawal
PlacementBody: TypeAlias = FromPlacing | WithdrawalAnswer | Question | QuestionAnswer

SCHEMAS = frozenset(
    {
        "placement-change/1",
        "placement-ending/1",
        "withdrawal/1",
        "withdrawal-answer/1",
        "question/1",
        "answer/1",
    }
)
_body: Decoder[PlacementBody] = Decoder(PlacementBody)


def encode_placement_body(body: PlacementBody) -> bytes:
    """The bytes to put into a message's `body`; raises Malformed when no reader would accept it."""
    return encode_canonical(body, _body, "message body")


def decode_placement_body(data: bytes) -> PlacementBody:
    """A body of one of SCHEMAS from its bytes; raises Malformed, never naming what was in it."""
    return decode_canonical(data, _body, "message body")
