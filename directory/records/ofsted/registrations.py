"""One registration as Ofsted lists it, and the closed vocabularies of the list.

Source: Ofsted, Children's social care data in England, provider level, and its guidance sheet.
Values keep Ofsted's words in one canonical spelling. What Ofsted redacts is None, never text.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

CHILDRENS_HOMES: frozenset[str] = frozenset(
    {
        "Children's home",
        "Residential special school (registered as a children's home)",
        "Secure children's home",
    }
)
PROVISION_TYPES: frozenset[str] = CHILDRENS_HOMES | {
    "Adoption Support Agency",
    "Boarding School",
    "CAFCASS",
    "Further Education College with Residential Accommodation",
    "Independent Fostering Agency",
    "Residential Family Centre",
    "Residential Holiday Scheme for Disabled Children",
    "Residential Special School",
    "Secure Training Centre",
    "Supported Accommodation",
    "Voluntary Adoption Agency",
}
GRADES: frozenset[str] = frozenset(
    {"Outstanding", "Good", "Requires improvement to be good", "Inadequate"}
)
# Other words that have stood for a grade, and today's grade with the same meaning. "Satisfactory"
# and "Adequate" (until 2015) lay between Good and Inadequate under other rules and mean no grade of
# today's; nor do the outcomes of interim inspections, nor a figure, because 3 meant all of them.
OTHER_GRADES: dict[str, str | None] = {
    "Requires improvement": "Requires improvement to be good",
    "Not judged": None,
    "Adequate": None,
    "Satisfactory": None,
    "Sustained effectiveness": None,
    "Improved effectiveness": None,
    "Declined in effectiveness": None,
    "1": None,
    "2": None,
    "3": None,
    "4": None,
    "5": None,
}
STATUSES: frozenset[str] = frozenset({"Active", "Suspended"})
SECTORS: frozenset[str] = frozenset(
    {"Private", "Local Authority", "Voluntary", "Health Authority", "Academy", "Public sector"}
)


@dataclass(frozen=True, slots=True)
class Registration:
    """One row of the list.

    `authority_gss` is the authority that serves the provider's address; None outside England: a
    few providers of supported accommodation in Wales are listed because they also operate in
    England, and none of them is a children's home. `overall` to `leadership` are the grades of the
    latest full inspection, on `inspected_on`, in today's words; all are None until a provider has
    been graded. Where a list has other words, older or interim ones, `grades_as_written` keeps them
    as "overall: Adequate; leadership: Requires improvement". `registered_on` is None where the list
    has no such column, as in 2018.
    """

    urn: str
    provision_type: str
    registered_on: date | None
    status: str
    name: str | None
    authority_gss: str | None
    authority_as_written: str | None
    region: str | None
    sector: str
    places: int | None
    short_breaks_only: bool
    multi_building: bool
    owner: str | None
    inspected_on: date | None
    published_on: date | None
    event_number: str | None
    event_type: str | None
    overall: str | None
    education: str | None
    health: str | None
    protection: str | None
    leadership: str | None
    grades_as_written: str | None = None

    @property
    def is_childrens_home(self) -> bool:
        """Whether this is a children's home of any kind: ordinary, special school or secure."""
        return self.provision_type in CHILDRENS_HOMES


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row was left out.

    `line` is the line of the file on which the row begins, from 1. `column` is the heading as a
    person sees it. `value` is what stands there, shortened, without control characters.
    """

    line: int
    column: str
    value: str
    reason: str


class Listed(Protocol):
    """A list, read or being read. What it says of the whole is true once its registrations have
    been gone through.

    `read` counts its rows, those with problems included. `urns` are those of every row, so that
    what the list leaves out can be told from what could not be read; it is None when a row had no
    readable URN. `silent` names the fields for which the list has no column. `sha256` is of the
    file's bytes, in hexadecimal.
    """

    @property
    def as_at(self) -> date | None: ...
    @property
    def registrations(self) -> Iterable[Registration]: ...
    @property
    def problems(self) -> Sequence[Problem]: ...
    @property
    def read(self) -> int: ...
    @property
    def urns(self) -> Collection[str] | None: ...
    @property
    def silent(self) -> frozenset[str]: ...
    @property
    def sha256(self) -> str: ...


@dataclass(frozen=True, slots=True)
class OfstedList:
    """A list that was read whole into memory, see `Listed`."""

    as_at: date | None
    registrations: list[Registration]
    problems: list[Problem]
    read: int
    urns: frozenset[str] | None
    sha256: str
    silent: frozenset[str] = frozenset()
