"""What the pages on which statements are written share: the home, and who may write of it."""

import re

from flask import abort
from sqlalchemy import select

from directory.authorities.service import authority_name
from directory.homes.models import home
from directory.homes.service import home_claims
from directory.statements.schedule import BY_MATTER, Paragraph
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
                if claim.record.authority == authority:
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


def frame(authority: str, name: str | None, urn: str) -> dict[str, str]:
    """What every page says of which home it is about."""
    return {
        "authority": authority,
        "called": authority_name(authority),
        "urn": urn,
        "home": f"{name}, URN {urn}" if name else f"URN {urn}",
    }
