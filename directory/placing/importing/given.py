"""Placements as a case system gives them over the API, and as it reads them back."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, ClassVar, Literal

from msgspec import Meta, Struct, convert

from directory.placing.importing.values import Draft, Incoming
from directory.placing.register.values import ChildFacts, PlacementFacts, Whole
from directory.placing.register.where import area_told_by
from federation import Node
from protocols.kinds import Gss, Line, Urn
from protocols.notices import Contact, Document, LegalStatus, Setting
from protocols.publication import Publication

MOST = 200


class GivenRecipient(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Somebody who has to be told. `kind` is a code of the nation's table of rules."""

    publication: ClassVar = Publication.CHILD

    kind: Line
    name: Line
    address: Line | None = None
    email: Line | None = None
    telephone: Line | None = None


class GivenPlacement(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A placement and its child. What is left out stays as it was in the register. The same
    `identifier` and `starts_on` are the same placement.
    """

    publication: ClassVar = Publication.CHILD

    identifier: Line
    starts_on: date
    given_name: Line | None = None
    family_name: Line | None = None
    born_on: date | None = None
    sex: Literal["female", "male"] | None = None
    legal_status: LegalStatus | None = None
    recipients: Annotated[tuple[GivenRecipient, ...], Meta(max_length=40)] = ()
    setting: Setting | None = None
    address: Line | None = None
    urn: Urn | None = None
    area: Gss | None = None
    ends_on: date | None = None
    expected_end: date | None = None
    emergency: bool | None = None
    short_breaks: bool | None = None
    social_worker: Contact | None = None
    out_of_hours: Contact | None = None
    reviewing_officer: Contact | None = None
    assessment_of_needs: Document | None = None
    why_most_suitable: Document | None = None
    care_plan: Document | None = None


class GivenPlacements(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Up to 200 placements. `as_at` is the day on which they were so, today where it is left out:
    what the register knows as of a later day stays.
    """

    publication: ClassVar = Publication.CHILD

    placements: Annotated[tuple[GivenPlacement, ...], Meta(min_length=1, max_length=MOST)]
    as_at: date | None = None


def draft_of_given(node: Node, given: GivenPlacements) -> Draft:
    """What a case system gave, to be held against the register."""
    return Draft("api", tuple(_incoming(node, given)), as_at=given.as_at)


def given_of(whole: Whole) -> GivenPlacement:
    """A placement of the register, as a case system would give it."""
    course = whole.kept.course
    said = {
        name: getattr(of, name)
        for of in (whole.child, whole.facts)
        for name in of.__struct_fields__
        if name in GivenPlacement.__struct_fields__ and getattr(of, name) not in (None, ())
    }
    said |= {
        "starts_on": course.starts_on,
        "ends_on": course.ends_on,
        "area": course.area,
        "emergency": course.emergency,
        "short_breaks": course.short_breaks,
    }
    those = (one for one in whole.child.recipients if not one.gone)
    said["recipients"] = tuple(convert(one, GivenRecipient, from_attributes=True) for one in those)
    return GivenPlacement(**said)


def _incoming(node: Node, given: GivenPlacements) -> Iterator[Incoming]:
    for row, one in enumerate(given.placements, start=1):
        said = {name: getattr(one, name) for name in one.__struct_fields__}
        told = area_told_by(node, one.address, one.urn)
        yield Incoming(
            row=row,
            child=convert(_of(said, ChildFacts), ChildFacts, from_attributes=True),
            starts_on=one.starts_on,
            facts=convert(_of(said, PlacementFacts), PlacementFacts),
            ends_on=one.ends_on,
            area=one.area or told,
            emergency=one.emergency,
            short_breaks=one.short_breaks,
        )


def _of(said: dict[str, object], struct: type[Struct]) -> dict[str, object]:
    return {name: said[name] for name in struct.__struct_fields__ if name in said}
