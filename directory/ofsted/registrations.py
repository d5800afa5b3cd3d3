"""One registration as Ofsted lists it, and the closed vocabularies of the list.

Source: Ofsted, Children's social care data in England, provider level, and its guidance sheet.
Values keep Ofsted's words in one canonical spelling. What Ofsted redacts is None, never text.
"""

from dataclasses import dataclass
from datetime import date

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
STATUSES: frozenset[str] = frozenset({"Active", "Suspended"})
SECTORS: frozenset[str] = frozenset(
    {"Private", "Local Authority", "Voluntary", "Health Authority", "Academy"}
)


@dataclass(frozen=True, slots=True)
class Registration:
    """One row of the list.

    `authority_gss` is the authority that serves the provider's address; None outside England: a
    few providers of supported accommodation in Wales are listed because they also operate in
    England, and none of them is a children's home. `overall` to `leadership` are the grades of the
    latest full inspection, on `inspected_on`; all are None until a provider has been graded.
    """

    urn: str
    provision_type: str
    registered_on: date
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


@dataclass(frozen=True, slots=True)
class OfstedList:
    """A list that was read.

    `read` counts its rows, those with problems included. `urns` are those of every row, so that
    what the list leaves out can be told from what could not be read; it is None when a row had no
    readable URN. `sha256` is of the file's bytes, in hexadecimal.
    """

    as_at: date | None
    registrations: list[Registration]
    problems: list[Problem]
    read: int
    urns: frozenset[str] | None
    sha256: str
