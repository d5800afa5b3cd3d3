"""The taxonomies of a feed: the published code lists, with what each code is called."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from directory.choosing.commissioning.labels import NEEDS
from directory.homes.labels import SECTORS
from directory.homes.query import NOT_INSPECTED
from directory.oruk.identifiers import identifier
from protocols.records import Grade, Provision


@dataclass(frozen=True, slots=True)
class Term:
    """A code of a list."""

    taxonomy: str
    code: str
    name: str

    @property
    def id(self) -> str:
        """The same at every node."""
        return identifier(f"taxonomy/{self.taxonomy}/{self.code}")


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """A code list."""

    code: str
    name: str
    description: str
    terms: tuple[Term, ...]

    @property
    def id(self) -> str:
        """The same at every node."""
        return identifier(f"taxonomy/{self.code}")


def _taxonomy(code: str, name: str, description: str, terms: Mapping[str, str]) -> Taxonomy:
    listed = tuple(Term(code, one, called) for one, called in terms.items())
    return Taxonomy(code, name, description, listed)


KINDS = {
    "referrals": "Contact for referrals",
    "notices": "Contact for notices of placements",
    "framework": "Framework",
    "open-list": "Open list",
    "provider": "Provider of children's homes",
    "home": "Children's home",
}
TAXONOMIES = {
    one.code: one
    for one in (
        _taxonomy("kind", "Kind of service", "What an entry of this feed is.", KINDS),
        _taxonomy("need", "Needs", "Needs of children that homes meet.", NEEDS),
        _taxonomy(
            "sector",
            "Sector",
            "Who owns a provider, as Ofsted's list has it.",
            {str(code): name for code, name in SECTORS.items()},
        ),
        _taxonomy(
            "provision",
            "Kind of home",
            "As what a home is registered with Ofsted.",
            {one: one for one in get_args(Provision)},
        ),
        _taxonomy(
            "judgement",
            "Overall judgement",
            "Ofsted's overall judgement at the latest full inspection.",
            {one: one for one in (*get_args(Grade), NOT_INSPECTED)},
        ),
    )
}
TERMS = {term.id: term for one in TAXONOMIES.values() for term in one.terms}
BY_ID = {one.id: one for one in TAXONOMIES.values()}


def term(taxonomy: str, code: str) -> Term:
    """A code; one of a later list is called by itself."""
    known = {one.code: one for one in TAXONOMIES[taxonomy].terms}
    return known.get(code) or Term(taxonomy, code, code)
