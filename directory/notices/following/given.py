"""What follows a notice as case systems, and people at a terminal, give it: closed types."""

from datetime import date
from typing import ClassVar, Literal

from msgspec import Struct, structs

from directory.notices.following.saying import Changes
from protocols.kinds import Text
from protocols.notices import Child, Contact, Document, LegalStatus, Placement
from protocols.placements import CHANGEABLE, ChangeKind, EndedBy, EndedFor, WithdrawnFor
from protocols.publication import Publication


class GivenChange(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What is different since a day, was wrong from the first (`correction`), or goes on longer
    (`extension`, with `expected_end`). Each member takes the place of that of the notice, whole;
    what is left out stays.
    """

    publication: ClassVar = Publication.CHILD

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


class GivenEnding(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """That a placement ends, or has ended. Of a child who died (`died`), on `ended_on`: nobody else
    is named as who gave notice, and the message says it in words.
    """

    publication: ClassVar = Publication.CHILD

    ended_on: date
    planned: bool
    given_by: EndedBy
    why: Literal[EndedFor, "died"]
    given_on: date | None = None
    said: Text | None = None


class GivenWithdrawal(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """That a notice should not have been sent, and whom to call about it."""

    publication: ClassVar = Publication.CHILD

    why: WithdrawnFor
    contact: Contact
    said: Text | None = None


class GivenWords(Struct, frozen=True, forbid_unknown_fields=True):
    """A question or an answer, and whom to call about it."""

    publication: ClassVar = Publication.CHILD

    text: Text
    contact: Contact


class GivenContainment(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What became of a withdrawn notice: whether it went further, and nobody reads it any more."""

    publication: ClassVar = Publication.CHILD

    passed_on: bool
    contained: bool
    contact: Contact
    said: Text | None = None


def changes_of(given: GivenChange) -> Changes:
    """A change, to be said."""
    others = {
        name: value
        for name in CHANGEABLE
        if name not in ("child", "placement") and (value := getattr(given, name)) is not None
    }
    child = structs.asdict(given.child) if given.child else {}
    placed = structs.asdict(given.placement) if given.placement else {}
    return Changes(given.kind, given.since, child, placed, others, given.reason)
