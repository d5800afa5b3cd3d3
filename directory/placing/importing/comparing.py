"""What arrives, held against the register: what is new, what changes, what ends. Stores nothing.

A placement is the one of the same child with the same first day, or with the one that a person has
corrected; where the source says that it may be older, the one of that child that goes on then. What
a source does not say stays as it was. An older source changes nothing that is known as of a later
day, none changes what was corrected by hand, and none takes back an end that is known.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import msgspec.structs

from directory.country.rules.relation import Relation
from directory.placing.importing.fitting import Fitted
from directory.placing.importing.matching import Register, match, too_old
from directory.placing.importing.merging import called, merge
from directory.placing.importing.values import Change, Incoming, Left, Trouble
from directory.placing.register.knowing import (
    OF_COURSE,
    Knowledge,
    child_with,
    of_facts,
    of_placement,
)
from directory.placing.register.knowing import of_child as of_child_facts
from directory.placing.register.values import (
    ChildFacts,
    Course,
    Kept,
    PlacementFacts,
    Source,
    State,
)

RelationOf = Callable[[str], Relation]
Fits = Callable[[ChildFacts, Incoming], Fitted]


@dataclass(slots=True)
class Plan:
    """What an import will do. Children that are new are known by their identifier, the others by
    their id, and `known` leads from one to the other; `absent` are placements that go on in the
    register, came from the same kind of source, and are not in this one. `left` is what the
    register has otherwise and keeps; `troubles`, what does not fit. `as_of` has what is known then
    of those that are there, by their ids, and `as_at` the day of what is new. `closed` counts rows
    about restricted records, which are left out.
    """

    known: Mapping[str, str]
    as_at: date

    new_children: dict[str, ChildFacts] = field(default_factory=dict)
    changed_children: dict[str, ChildFacts] = field(default_factory=dict)
    new: list[tuple[str, Course, PlacementFacts]] = field(default_factory=list)
    changed: dict[str, tuple[Course, PlacementFacts]] = field(default_factory=dict)
    children_as_of: dict[str, Knowledge] = field(default_factory=dict)
    placements_as_of: dict[str, Knowledge] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    same: int = 0
    absent: list[Kept] = field(default_factory=list)
    closed: int = 0

    @property
    def changes_nothing(self) -> bool:
        """Whether the register already says all of it."""
        return not (self.new or self.changed or self.new_children or self.changed_children)


def plan(
    incoming: Iterable[Incoming],
    register: Register,
    relation_of: RelationOf,
    today: date,
    source: Source,
    as_at: date,
    fits: Fits,
) -> Plan:
    """Hold what arrives, which was so on `as_at`, against the register. `relation_of` tells how an
    area lies; `fits` what of a placement cannot be.
    """
    ids = {child.identifier: number for number, child in register.children.items()}
    found = Plan(ids, as_at)
    of_child: dict[str, list[Kept]] = defaultdict(list)
    for placed in register.placements:
        of_child[placed.child].append(placed)
    met: set[str] = set()
    children: dict[str, ChildFacts] = {}
    for one in sorted(incoming, key=lambda one: (one.starts_on, one.row)):
        name = one.child.identifier
        number = ids.get(name, "")
        before = children.get(name) or register.children.get(number) or ChildFacts(name)
        as_of = found.children_as_of.get(number) or register.known.get(number, {})
        said = merge(of_child_facts(before), of_child_facts(one.child), as_of, as_at)
        child = child_with(before, said.taken)
        fitted = fits(child, one)
        found.troubles += fitted.troubles
        if fitted.placed is None:
            met |= {kept.id for kept in of_child[number] if kept.course.starts_on == one.starts_on}
            continue
        if fitted.placed.child is not one.child:
            said = merge(of_child_facts(before), of_child_facts(fitted.placed.child), as_of, as_at)
            child = child_with(before, said.taken)
        one = fitted.placed
        kept = match(one, of_child[number], met, register) if number else None
        if kept is None and (why := too_old(one, of_child[number], register, as_at, source)):
            found.left.append(Left(one.row, name, one.starts_on, why))
            continue
        children[name], found.children_as_of[number or name] = child, said.known
        found.left += [Left(one.row, name, one.starts_on, what) for what in said.left]
        if kept is None:
            course = _begun(one, relation_of, today)
            found.new.append((name, course, one.facts))
            found.changes.append(Change("new", one.row, name, one.starts_on, ""))
            continue
        met.add(kept.id)
        _compare(found, one, kept, register, relation_of, says_all=source == "ssda903")
    for name, child in children.items():
        if name not in ids:
            found.new_children[name] = child
        elif child != register.children[ids[name]]:
            found.changed_children[ids[name]] = child
    found.absent = [
        kept
        for kept in register.placements
        if kept.id not in met
        and kept.course.state == "live"
        and kept.source == source
        and kept.course.starts_on <= as_at
    ]
    return found


def _compare(
    found: Plan,
    one: Incoming,
    kept: Kept,
    register: Register,
    relation_of: RelationOf,
    *,
    says_all: bool,
) -> None:
    """`says_all`: one that it names no end of goes on."""
    facts, before = register.facts[kept.id], kept.course
    told = {name: getattr(one, name) for name in OF_COURSE if getattr(one, name) is not None}
    told |= of_facts(one.facts)
    if says_all:
        told.setdefault("ends_on", None)
    as_of = register.known.get(kept.id, {})
    said = merge(of_placement(before, facts), told, as_of, found.as_at)
    taken = dict(said.taken)
    left = list(said.left)
    if "area" in taken and before.relation_corrected:
        taken.pop("area")
        left.append("area: how it lies was corrected by hand")
    found.placements_as_of[kept.id] = said.known
    who = one.child.identifier
    found.left += [Left(one.row, who, before.starts_on, what) for what in left]
    after = _gone_on(one, before, taken, relation_of)
    now = msgspec.structs.replace(
        facts, **{name: value for name, value in taken.items() if name not in OF_COURSE}
    )
    if (after, now) == (before, facts):
        found.same += 1
        return
    found.changed[kept.id] = (after, now)
    ended = after.state == "ended" and before.state != "ended"
    what = "" if ended else ", ".join(called(name) for name in taken)
    found.changes.append(
        Change("ended" if ended else "changed", one.row, who, before.starts_on, what)
    )


def _begun(one: Incoming, relation_of: RelationOf, today: date) -> Course:
    state: State = "planned" if one.starts_on > today else "live"
    if one.ends_on:
        state = "ended"
    return Course(
        one.starts_on,
        state,
        area=one.area,
        relation=relation_of(one.area) if one.area else None,
        ends_on=one.ends_on,
        emergency=bool(one.emergency),
        short_breaks=bool(one.short_breaks),
    )


def _gone_on(
    one: Incoming, before: Course, taken: Mapping[str, Any], relation_of: RelationOf
) -> Course:
    after = replace(before, **{name: taken[name] for name in OF_COURSE if name in taken})
    if "area" in taken:
        after = replace(after, relation=relation_of(taken["area"]))
    if "ends_on" in taken:
        return replace(after, state="ended")
    if before.state == "planned" and one.began_before:
        after = replace(after, state="live")
    return after
