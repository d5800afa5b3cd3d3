"""What differs between a registration as it was held and as a newer list has it.

Only what somebody who places children must hear of is told one by one: where a home stands, who
owns it, how many places it has and how it was judged. An owner whose name is only spelt otherwise
is marked as such; a home whose authority was merged or divided has not moved.
"""

import re
from dataclasses import dataclass, field, replace

from directory.country.authorities.former import former_named
from directory.country.authorities.spelling import plain
from directory.records.ofsted.registrations import Registration

_JUDGED = ("overall", "education", "health", "protection", "leadership", "grades_as_written")
_LIMITED = re.compile(r"\b(?:limited|ltd)\b")


@dataclass(frozen=True, slots=True)
class Change:
    """One registration's change; None where nothing stood or stands."""

    urn: str
    before: str | int | None
    after: str | int | None


@dataclass(frozen=True, slots=True)
class OwnerChange(Change):
    """`spelling_only`: the name is the same but for case, stops and "Ltd" for "Limited"."""

    spelling_only: bool


@dataclass(frozen=True, slots=True)
class Changes:
    """What a list changed, by URN, in the order of the list.

    `returned` had left the register, and are listed again. `moves` are between authorities, and
    `reorganised` those whose authority was merged or divided in between: before and after are names
    as the lists write them. `judgement` is the overall grade in the words of each list.
    """

    joined: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    returned: list[str] = field(default_factory=list)
    moves: list[Change] = field(default_factory=list)
    reorganised: list[Change] = field(default_factory=list)
    owner: list[OwnerChange] = field(default_factory=list)
    places: list[Change] = field(default_factory=list)
    judgement: list[Change] = field(default_factory=list)
    status: list[Change] = field(default_factory=list)

    def note(self, before: Registration, after: Registration) -> None:
        """Add what differs between the two, which are of one URN."""
        urn = after.urn
        if _area(before) != _area(after):
            list_ = self.reorganised if _is_successor(before, after) else self.moves
            list_.append(Change(urn, before.authority_as_written, after.authority_as_written))
        if before.owner != after.owner:
            same = _owner(before) == _owner(after)
            self.owner.append(OwnerChange(urn, before.owner, after.owner, spelling_only=same))
        if before.places != after.places:
            self.places.append(Change(urn, before.places, after.places))
        if _judgement(before) != _judgement(after):
            self.judgement.append(Change(urn, _overall(before), _overall(after)))
        if before.status != after.status:
            self.status.append(Change(urn, before.status, after.status))


def completed(listed: Registration, held: Registration, silent: frozenset[str]) -> Registration:
    """The listed registration, with what is held where the list has no column. What was judged is
    kept only with the inspection that it is of.
    """
    kept = {name: getattr(held, name) for name in silent}
    if "inspected_on" not in silent and listed.inspected_on != held.inspected_on:
        kept = {name: value for name, value in kept.items() if name not in _JUDGED}
    return replace(listed, **kept) if kept else listed


def _area(one: Registration) -> str | None:
    return one.authority_gss or (plain(one.authority_as_written or "") or None)


def _is_successor(before: Registration, after: Registration) -> bool:
    # Without a code the name is a former authority's, even where another bears it today.
    former = None if before.authority_gss else former_named(before.authority_as_written or "")
    return former is not None and after.authority_gss in former.successors


def _owner(one: Registration) -> str:
    return _LIMITED.sub("ltd", plain(one.owner or "")).replace(" ", "")


def _judgement(one: Registration) -> str | None:
    """Today's grade, or else the list's own words."""
    return one.overall or _overall(one)


def _overall(one: Registration) -> str | None:
    for part in (one.grades_as_written or "").split("; "):
        if part.startswith("overall: "):
            return part.removeprefix("overall: ")
    return one.overall
