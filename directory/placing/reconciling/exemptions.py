"""Placements of a return that no area authority has to be told of, and by which rule.

Such returns are England's alone, and so are these rules: what `directory.country.rules` says, and
what is no placement under section 22C of the Children Act 1989.
"""

from datetime import date
from typing import NamedTuple

from directory.country.rules.table import rules_in
from directory.country.ssda903.meanings import FOR_ADOPTION, TEMPORARY
from directory.country.ssda903.placements import Placed


class Exempt(NamedTuple):
    """Why, and the rule that says so."""

    why: str
    rule: str


def exempt(placed: Placed, born_on: date | None, as_at: date) -> Exempt | None:
    """Why nobody has to be told of a placement on a day; None where somebody has to."""
    rules = rules_in("England")
    if placed.short_breaks:
        return Exempt("A series of short breaks", rules.exemption("short breaks").source)
    grown_up = rules.grown_up
    if born_on and _birthday(born_on, grown_up.age) <= min(as_at, placed.ended or as_at):
        return Exempt(f"{grown_up.age} or over: no longer looked after", grown_up.source)
    if placed.now.place in FOR_ADOPTION:
        return Exempt(
            "Placed for adoption: others are told, under other regulations",
            "Adoption Agencies Regulations 2005, regulation 36",
        )
    if placed.now.place in TEMPORARY:
        return Exempt(
            "Away for a while from a placement that goes on", "SSDA903 guide, PLACE T0 to T4"
        )
    return None


def _birthday(born_on: date, age: int) -> date:
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:  # 29 February
        return date(born_on.year + age, 3, 1)
