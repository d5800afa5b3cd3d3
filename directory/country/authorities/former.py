"""Authorities that were merged or divided since 2015: by name, with the day of their end.

Source: former.csv beside this file. Only those are in it whose area today's authority of the same
name does not have; Buckinghamshire, North Yorkshire and Somerset changed their form, not their
area, and their earlier codes stand in authorities.csv. Whoever stood in a former authority stands
in one of its successors today, and the name alone does not say in which.
"""

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from importlib import resources

from directory.country.authorities.service import authority_name, find
from directory.country.authorities.spelling import plain, readings


@dataclass(frozen=True, slots=True)
class FormerAuthority:
    """An authority that is no more. `until` is its last day; `successors` are the GSS codes of
    those that answer for parts of its area today.
    """

    gss: str
    name: str
    until: date
    successors: tuple[str, ...]
    spellings: tuple[str, ...]


@cache
def former_authorities() -> tuple[FormerAuthority, ...]:
    """All of them, by their last day."""
    table = resources.files("directory.country.authorities").joinpath("former.csv")
    with table.open(encoding="utf-8") as lines:
        return tuple(
            FormerAuthority(
                gss=row["gss"],
                name=row["name"],
                until=date.fromisoformat(row["until"]),
                successors=tuple(row["successors"].split("|")),
                spellings=tuple(filter(None, row["spellings"].split("|"))),
            )
            for row in csv.DictReader(lines)
        )


def standing_today(gss: str) -> str:
    """Who answers today for the area of a code: the one authority into which that of the code was
    merged, or the code itself, also where its area was divided among several.
    """
    former = _by_code().get(gss)
    return former.successors[0] if former and len(former.successors) == 1 else gss


def what_became(former: FormerAuthority) -> str:
    """What became of an authority, in words that tell where to turn: "Cumbria ended on 31 March
    2023. Cumberland or Westmorland and Furness answers for its area today".
    """
    names = " or ".join(authority_name(gss) for gss in former.successors)
    last = f"{former.until.day} {former.until:%B %Y}"
    return f"{former.name} ended on {last}. {names} answers for its area today"


def former_of(gss: str) -> FormerAuthority | None:
    """The former authority that had this code."""
    return _by_code().get(gss)


@lru_cache(maxsize=4096)
def find_former(name: str, on: date | None) -> FormerAuthority | None:
    """The former authority that a list of this day means by a name; None if it means none.

    From the day after its end, a name that another authority bears is that one's, as Dorset is. A
    list without a day is taken for one of today.
    """
    former = former_named(name)
    if former and (on is None or on > former.until) and find(name):
        return None
    return former


def former_named(name: str) -> FormerAuthority | None:
    """The former authority that once bore this name, in any spelling."""
    known = _by_name()
    return next((known[text] for text, _kinds in readings(name[:120]) if text in known), None)


@cache
def _by_name() -> dict[str, FormerAuthority]:
    return {plain(text): one for one in former_authorities() for text in (one.name, *one.spellings)}


@cache
def _by_code() -> dict[str, FormerAuthority]:
    return {one.gss: one for one in former_authorities()}
