"""Placements of a return that no area authority has to be told of, and by which rule.

Such returns are England's alone, and so are these rules: the exemptions of its table.
"""

from datetime import date
from typing import NamedTuple

from directory.country.rules.days import grown_up_on
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
    if born_on and grown_up_on(rules, born_on) <= min(as_at, placed.ended or as_at):
        return Exempt(f"{grown_up.age} or over: no longer looked after", grown_up.source)
    for code, places in (("for adoption", FOR_ADOPTION), ("away for a while", TEMPORARY)):
        if placed.now.place in places:
            rule = rules.exemption(code)
            return Exempt(f"{rule.applies[0].upper()}{rule.applies[1:]}", rule.source)
    return None
