"""What a person asks of the directory of homes, and in which order the answer comes."""

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, get_args

from directory.country.codes.service import needs, offers
from protocols.records import Grade, Provision

PAGE_SIZE = 20
NOT_INSPECTED: Final = "Not yet inspected"
_LONGEST_DISTRICT = 4  # characters; a GSS code has nine

JudgementFilter: TypeAlias = Grade | Literal["Not yet inspected"]
ProfileFilter: TypeAlias = Literal["Described", "Not yet described"]
Order: TypeAlias = Literal[
    "nearest first",
    "best match",
    "authority A to Z",
    "judgement, best first",
    "places, most first",
]

GRADES: tuple[Grade, ...] = get_args(Grade)
JUDGEMENTS: tuple[JudgementFilter, ...] = (*GRADES, NOT_INSPECTED)
PROVISIONS: tuple[Provision, ...] = get_args(Provision)
NEEDS, OFFERS = tuple(needs()), tuple(offers())
PROFILES: tuple[ProfileFilter, ...] = get_args(ProfileFilter)
ORDERS: tuple[Order, ...] = get_args(Order)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """Filters that all have to hold. What is empty or None does not filter.

    `words` are as typed, see `directory.homes.words`; `authority` is a GSS code. A home whose
    number of places is unknown is not found by `min_places`. `need` and `offer` are codes of the
    published list, and find what is met in part as well. `near` does not filter: it is what
    "nearest first" is counted from. `away` are places to keep away from; both are codes of an
    `Origin`, see `directory.homes.nearness`. `vacancy` filters for those alone who may see
    vacancies.
    """

    words: str = ""
    region: str | None = None
    authority: str | None = None
    provision: Provision | None = None
    judgement: JudgementFilter | None = None
    need: str | None = None
    offer: str | None = None
    profile: ProfileFilter | None = None
    min_places: int | None = None
    near: str | None = None
    away: tuple[str, ...] = ()
    vacancy: Literal["yes"] | None = None
    order: Order | None = None
    page: int = 1

    @property
    def posted(self) -> dict[str, str]:
        """By field what could describe a child, and so is posted and stands in no address: a
        postcode district to be near, and every place to keep away from.
        """
        near = self.near if self.near and is_district(self.near) else None
        told = {"near": near, "away": ", ".join(self.away)}
        return {name: value for name, value in told.items() if value}


def is_district(code: str) -> bool:
    """Whether the code of a place is a postcode district; otherwise it is an authority's."""
    return len(code) <= _LONGEST_DISTRICT


def asks_of_profile(query: SearchQuery) -> bool:
    """Whether it asks for what only a home's profile says."""
    return bool(query.need or query.offer)


def without_profile(query: SearchQuery) -> SearchQuery:
    """The query without what it asks of a home's profile."""
    return replace(query, need=None, offer=None, profile=None)
