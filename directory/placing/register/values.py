"""What the register says of a child and of a placement. The structs are sealed, never a column.

A return or a case system may say little: only the child's own identifier and the first day are
always there.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from directory.country.rules.relation import Relation
from protocols.notices import Contact, Setting

State: TypeAlias = Literal["planned", "live", "ended"]
Source: TypeAlias = Literal["typed", "ssda903", "sheet", "api"]


class Recipient(Struct, frozen=True, omit_defaults=True):
    """Somebody who has to be told of a placement, and how they are reached. `kind` is the code of a
    recipient in the nation's table of rules. One who is told no more is `gone` and keeps the place,
    so that what was noted of the others stays theirs.
    """

    kind: str
    name: str
    address: str | None = None
    email: str | None = None
    telephone: str | None = None
    gone: bool = False


class ChildFacts(Struct, frozen=True, omit_defaults=True):
    """A child. `identifier` is the authority's own; `legal_status` as a notice says it."""

    identifier: str
    given_name: str | None = None
    family_name: str | None = None
    born_on: date | None = None
    sex: Literal["female", "male"] | None = None
    legal_status: str | None = None
    recipients: tuple[Recipient, ...] = ()


class PlacementFacts(Struct, frozen=True, omit_defaults=True):
    """Where a child is placed, whom to call, and what a notice says of why.

    `correction` is why the area or the relation was corrected by hand; `ending`, why the placement
    ended.
    """

    setting: Setting | None = None
    address: str | None = None
    urn: str | None = None
    expected_end: date | None = None
    social_worker: Contact | None = None
    out_of_hours: Contact | None = None
    reviewing_officer: Contact | None = None
    assessment_of_needs: str | None = None
    why_most_suitable: str | None = None
    care_plan: str | None = None
    correction: str | None = None
    ending: str | None = None


@dataclass(frozen=True, slots=True)
class Course:
    """What stands beside the seal: when a placement is, in whose area, and how.

    `area` is a GSS code. One that ended and has no `ends_on` never began.
    """

    starts_on: date
    state: State
    area: str | None = None
    relation: Relation | None = None
    relation_corrected: bool = False
    ends_on: date | None = None
    emergency: bool = False
    short_breaks: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """A placement as it lies here, without the child. `notice` is the id of the one sent of it, and
    not withdrawn.
    """

    id: str
    authority: str
    child: str
    course: Course
    notice: str | None
    source: Source
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Whole:
    """A placement with all that is sealed."""

    kept: Kept
    child: ChildFacts
    facts: PlacementFacts
