"""What a feed lists, before it has the shape of Open Referral: services, and who offers them."""

from dataclasses import dataclass
from datetime import date, datetime

from directory.oruk.identifiers import identifier
from directory.oruk.taxonomies import Term
from protocols.commissioning import Office


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who offers a service. `key` names it, such as `provider/Acorn Care Ltd`."""

    key: str
    name: str
    description: str
    gss: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a service is, never better than an authority. `visited`: it stands there somewhere."""

    gss: str
    name: str
    visited: bool


@dataclass(frozen=True, slots=True)
class Service:
    """One service. `key` names it, such as `home/SC123456`: its identifier is made from that."""

    key: str
    name: str
    description: str
    organisation: Organisation
    terms: tuple[Term, ...]
    changed_at: datetime | None = None
    assured_on: date | None = None
    status: str = "active"
    url: str = ""
    alert: str = ""
    office: Office | None = None
    opens: date | None = None
    closes: date | None = None
    ages: tuple[int | None, int | None] = (None, None)
    place: Place | None = None

    @property
    def id(self) -> str:
        """The same at every node."""
        return identifier(self.key)
