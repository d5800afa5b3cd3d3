"""What arrives, held against the register: what is new, what changes, what ends. Stores nothing.

A placement is the one of the same child with the same first day; where the source says that it may
be older, the one of that child that goes on then. What a source does not say stays as it was; a
person's correction of the relation stays; an end that is known is not taken back, for a source may
be an old one.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import msgspec.structs

from directory.country.rules.relation import Relation
from directory.placing.importing.values import Change, Incoming
from directory.placing.register.values import (
    ChildFacts,
    Course,
    Kept,
    PlacementFacts,
    Source,
    State,
)

RelationOf = Callable[[str], Relation]


@dataclass(frozen=True, slots=True)
class Register:
    """The register as it is: children and placements' facts by their ids."""

    children: Mapping[str, ChildFacts]
    placements: Sequence[Kept]
    facts: Mapping[str, PlacementFacts]


@dataclass(slots=True)
class Plan:
    """What an import will do. Children that are new are known by their identifier, the others by
    their id, and `known` leads from one to the other; `absent` are placements that go on in the
    register, came from the same kind of source, and are not in this one.
    """

    known: Mapping[str, str]

    new_children: dict[str, ChildFacts] = field(default_factory=dict)
    changed_children: dict[str, ChildFacts] = field(default_factory=dict)
    new: list[tuple[str, Course, PlacementFacts]] = field(default_factory=list)
    changed: dict[str, tuple[Course, PlacementFacts]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    same: int = 0
    absent: list[Kept] = field(default_factory=list)

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
) -> Plan:
    """Hold what arrives against the register. `relation_of` tells how an area lies."""
    ids = {child.identifier: number for number, child in register.children.items()}
    found = Plan(ids)
    of_child: dict[str, list[Kept]] = defaultdict(list)
    for placed in register.placements:
        of_child[placed.child].append(placed)
    met: set[str] = set()
    children: dict[str, ChildFacts] = {}
    for one in sorted(incoming, key=lambda one: (one.starts_on, one.row)):
        name = one.child.identifier
        known = children.get(name) or register.children.get(ids.get(name, ""))
        children[name] = _merged(known, one.child) if known else one.child
        kept = _match(one, of_child[ids[name]], met, register.facts) if name in ids else None
        if kept is None:
            course = _begun(one, relation_of, today)
            found.new.append((name, course, one.facts))
            found.changes.append(Change("new", one.row, name, one.starts_on, ""))
            continue
        met.add(kept.id)
        _compare(found, one, kept, register.facts[kept.id], relation_of)
    for name, child in children.items():
        if name not in ids:
            found.new_children[name] = child
        elif child != register.children[ids[name]]:
            found.changed_children[ids[name]] = child
    found.absent = [
        kept
        for kept in register.placements
        if kept.id not in met and kept.course.state == "live" and kept.source == source
    ]
    return found


def _compare(
    found: Plan, one: Incoming, kept: Kept, facts: PlacementFacts, relation_of: RelationOf
) -> None:
    after = _gone_on(one, kept.course, relation_of)
    said = _told(facts, one.facts)
    if (after, said) == (kept.course, facts):
        found.same += 1
        return
    found.changed[kept.id] = (after, said)
    ended = after.state == "ended" and kept.course.state != "ended"
    what = [] if ended else _differences(kept.course, after, facts, said)
    found.changes.append(
        Change(
            "ended" if ended else "changed",
            one.row,
            one.child.identifier,
            kept.course.starts_on,
            ", ".join(what),
        )
    )


def _match(
    one: Incoming, of_child: Sequence[Kept], met: set[str], facts: Mapping[str, PlacementFacts]
) -> Kept | None:
    left = [kept for kept in of_child if kept.id not in met and kept.id in facts]
    same_day = [kept for kept in left if kept.course.starts_on == one.starts_on]
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


def _gone_on(one: Incoming, before: Course, relation_of: RelationOf) -> Course:
    after = before
    if one.area and one.area != before.area and not before.relation_corrected:
        after = replace(after, area=one.area, relation=relation_of(one.area))
    if one.emergency is not None:
        after = replace(after, emergency=one.emergency)
    if one.short_breaks is not None:
        after = replace(after, short_breaks=one.short_breaks)
    if one.ends_on:
        after = replace(after, state="ended", ends_on=one.ends_on)
    elif before.state == "planned" and one.began_before:
        after = replace(after, state="live")
    return after


def _merged(before: ChildFacts, told: ChildFacts) -> ChildFacts:
    said = {name: getattr(told, name) for name in told.__struct_fields__ if getattr(told, name)}
    return msgspec.structs.replace(before, **said)


def _told(before: PlacementFacts, told: PlacementFacts) -> PlacementFacts:
    said = {
        name: getattr(told, name)
        for name in told.__struct_fields__
        if getattr(told, name) is not None
    }
    if before.address and _plain(said.get("address", "")) in _plain(before.address):
        said.pop("address", None)  # a postcode tells no more than the address that has it
    return msgspec.structs.replace(before, **said)


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


_WORDS = {"urn": "URN", "area": "area", "emergency": "emergency", "short_breaks": "short breaks"}


def _differences(
    before: Course, after: Course, facts: PlacementFacts, said: PlacementFacts
) -> list[str]:
    """Which things change, and never to what."""
    course = [
        name
        for name in before.__dataclass_fields__
        if getattr(before, name) != getattr(after, name)
    ]
    told = [name for name in facts.__struct_fields__ if getattr(facts, name) != getattr(said, name)]
    return [_WORDS.get(name, name.replace("_", " ")) for name in (*course, *told)]
