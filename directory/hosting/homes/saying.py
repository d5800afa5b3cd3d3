"""What for, and by what law, homes and authorities tell each other who lives in a home."""

from typing import TypedDict

from directory.country.rules.purposes import why as why_in
from directory.country.rules.table import nation_of


class Why(TypedDict):
    """The members of a message that say it."""

    purpose: str
    lawful_basis: str


def why(schema: str, sender: str) -> Why:
    """Of messages of a schema, by the rules of the nation of their sender (GSS code)."""
    found = why_in(schema, nation_of(sender))
    return {"purpose": found.purpose, "lawful_basis": found.lawful_basis}
