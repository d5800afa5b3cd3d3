"""Vacancies, as a section of a snapshot: true today, and in no log.

In a small home the time at which a bed was taken tells whose bed it was. So of vacancies there is a
day and never a time, and of a home with one place nothing at all.
"""

from datetime import date
from typing import Annotated, ClassVar

from msgspec import Meta, Struct

from protocols.errors import Malformed
from protocols.kinds import Age, Sex, Urn
from protocols.members import Name
from protocols.publication import Publication

MAX_VACANCIES = 1500


class Vacancy(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """How many beds a home has free, from when (absent: now) and for whom (absent: as registered).

    `said_on` is the day on which the provider said so, or last confirmed it. Ages in years,
    inclusive. Of a home without a free bed nothing more is said.
    """

    publication: ClassVar = Publication.MEMBERS

    urn: Urn
    beds: Annotated[int, Meta(ge=0, le=500)]
    said_on: date
    free_from: date | None = None
    sex: Sex | None = None
    youngest: Age | None = None
    oldest: Age | None = None
    emergency: bool = False

    def __post_init__(self) -> None:
        more = (self.free_from, self.sex, self.youngest, self.oldest)
        if self.beds == 0 and (self.emergency or any(one is not None for one in more)):
            raise ValueError("of a home without a free bed nothing more is said")
        if None not in (self.youngest, self.oldest) and self.youngest > self.oldest:  # type: ignore[operator]
            raise ValueError("the youngest age is above the oldest")


class SaidElsewhere(Struct, frozen=True, forbid_unknown_fields=True):
    """That what another node says of a home's vacancies counts."""

    publication: ClassVar = Publication.MEMBERS

    urn: Urn
    node: Name


class Vacancies(
    Struct,
    frozen=True,
    forbid_unknown_fields=True,
    omit_defaults=True,
    tag_field="schema",
    tag="vacancies/1",
):
    """The section: no home twice, and no home twice that is said elsewhere."""

    publication: ClassVar = Publication.MEMBERS

    homes: Annotated[tuple[Vacancy, ...], Meta(max_length=MAX_VACANCIES)]
    elsewhere: Annotated[tuple[SaidElsewhere, ...], Meta(max_length=MAX_VACANCIES)] = ()


def check_vacancies(section: Vacancies) -> None:
    """Raise Malformed where a home is named twice."""
    for named in (section.homes, section.elsewhere):
        if len({one.urn for one in named}) < len(named):
            raise Malformed("snapshot: two vacancies of one home")
