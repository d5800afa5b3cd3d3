"""What the pages on which statements are written share: the home, and at whose desk it is. The
pages are the same at both; their addresses are not.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from flask import abort, url_for
from sqlalchemy import select

from directory.country.authorities.former import standing_today
from directory.country.authorities.service import authority_name
from directory.homes.models import home
from directory.homes.service import home_claims
from directory.providers.handins.pages import own_home
from directory.providers.statements.desks import Desk, desk_of
from directory.providers.statements.schedule import BY_MATTER, Paragraph
from federation import Node, reading
from protocols.records import Home
from protocols.statements import LONGEST_PASSAGE

_URN = re.compile("[A-Z0-9-]{1,20}")
MOST_SENT = 64 * 1024 + 9 * LONGEST_PASSAGE
"""Bytes of the form of a section: of the greatest length, in letters that take nine each."""


def home_of(node: Node, authority: str, urn: str) -> Home:
    """The home in the area of an authority; 404 where the directory knows none."""
    if _URN.fullmatch(urn):
        with reading(node.replica) as connection:
            for claim in home_claims(connection, urn):
                if standing_today(claim.record.authority) == authority:
                    return claim.record
    return abort(404)


def knows_home(node: Node, authority: str, urn: str) -> bool:
    """Whether the directory knows such a home in the area of an authority."""
    wanted = select(home.c.id).where(home.c.urn == urn, home.c.authority == authority)
    with reading(node.replica) as connection:
        return connection.scalar(wanted.limit(1)) is not None


def paragraph_of(matter: str) -> Paragraph:
    """The paragraph of the Schedule that an address names; 404 where there is none."""
    for known, paragraph in BY_MATTER.items():
        if known == matter:
            return paragraph
    return abort(404)


@dataclass(frozen=True, slots=True)
class Place:
    """A desk as its pages know it: their blueprints, and what stands in their addresses."""

    desk: Desk
    name: str | None
    writing: str
    file: str
    named: dict[str, str]

    def to(self, page: str, **more: str) -> str:
        """The address of another page of this desk."""
        values: dict[str, Any] = {**self.named, **more}
        return url_for(f"{self.file if page == 'choose' else self.writing}.{page}", **values)

    def frame(self) -> dict[str, object]:
        """What every page says of which home it is about."""
        urn, claim = self.desk.urn, self.desk.claim
        return {
            "called": authority_name(self.desk.authority),
            "urn": urn,
            "home": f"{self.name}, URN {urn}" if self.name else f"URN {urn}",
            "to": self.to,
            "of_provider": claim is not None,
            "back": {"text": "Back to this home", "href": url_for("our_home.page", claim=claim)}
            if claim
            else {
                "text": "Back to all statements",
                "href": url_for("statements.listing", authority=self.desk.authority),
            },
        }


PlaceOf: TypeAlias = Callable[..., Place]
"""Finds the desk from what stands in an address; 404 where there is none for who asks."""


def officers_place(node: Node) -> PlaceOf:
    """Desks of an authority's officers."""

    def find(authority: str, urn: str) -> Place:
        name = home_of(node, authority, urn).name
        named = {"authority": authority, "urn": urn}
        return Place(Desk(authority, urn), name, "statements", "statement_file", named)

    return find


def staff_place(node: Node) -> PlaceOf:
    """Desks of providers' staff."""

    def find(claim: str) -> Place:
        home, name = own_home(node, claim)
        return Place(desk_of(home), name, "our_statement", "our_statement_file", {"claim": claim})

    return find
