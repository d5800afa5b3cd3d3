"""Which placement of the register a source means, and which it tells of too late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from directory.homes.labels import day
from directory.placing.importing.values import Incoming
from directory.placing.register.knowing import STARTS_ON, Knowledge
from directory.placing.register.values import ChildFacts, Kept, PlacementFacts, Source


@dataclass(frozen=True, slots=True)
class Register:
    """The register as it is: children and placements' facts by their ids, and what is known of
    either as of when. `newest` is the latest day of a whole return that was imported before.
    """

    children: Mapping[str, ChildFacts]
    placements: Sequence[Kept]
    facts: Mapping[str, PlacementFacts]
    known: Mapping[str, Knowledge] = field(default_factory=dict)
    newest: date = date.min


def match(
    one: Incoming, of_child: Sequence[Kept], met: set[str], register: Register
) -> Kept | None:
    """The placement among those of the child that is not `met` yet; None: it is a new one."""
    facts = register.facts
    left = [kept for kept in of_child if kept.id not in met and kept.id in facts]
    same_day = [kept for kept in left if one.starts_on in _first_days(kept, register)]
    if len(same_day) > 1:  # two on one day: the one in the same place
        there = [kept for kept in same_day if facts[kept.id].urn == one.facts.urn]
        same_day = there or same_day
    if same_day:
        return same_day[0]
    older = [
        kept
        for kept in left
        if one.began_before
        and kept.course.starts_on < one.starts_on
        and (kept.course.ends_on is None or kept.course.ends_on >= one.starts_on)
        and kept.course.state != "planned"
    ]
    return max(older, key=lambda kept: kept.course.starts_on, default=None)


def _first_days(kept: Kept, register: Register) -> set[date | None]:
    """The first day, and that which a person has corrected."""
    known = register.known.get(kept.id, {}).get(STARTS_ON)
    return {kept.course.starts_on, known.was if known else None}


def too_old(
    one: Incoming, of_child: Sequence[Kept], register: Register, as_at: date, source: Source
) -> str:
    """Why a placement that the register does not have, and that goes on as the source says, is
    left out: later sources do not know it any more.
    """
    if one.ends_on or one.starts_on > as_at:
        return ""
    newest = register.newest if source == "ssda903" else date.min
    for kept in of_child:
        newest = max(newest, *(known.on for known in register.known.get(kept.id, {}).values()))
    if newest <= as_at:
        return ""
    return (
        f"the placement: it went on then, and is not in what was said as of {day(newest)}. Type it "
        "in if it still goes on"
    )
