"""As of which day each thing in the register is known, and what a person has corrected by hand.

An import is held against it: an older file changes nothing newer, and none changes what somebody
has corrected. Names of things and days alone stand beside the seal, never what is said.
"""

from collections.abc import Collection, Mapping
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.json import Decoder
from sqlalchemy import Connection, Table, bindparam, select, update

from directory.placing.register.models import placement
from directory.placing.register.values import ChildFacts, Course, PlacementFacts, Recipient
from federation import in_parts

RECIPIENTS = "recipients: "
"""Begins the name of those of one kind."""
STARTS_ON = "starts_on"
OF_COURSE = ("area", "emergency", "short_breaks", "ends_on")
_OF_CHILD = tuple(one for one in ChildFacts.__struct_fields__ if one != "recipients")
_OF_PLACEMENT = tuple(
    one for one in PlacementFacts.__struct_fields__ if one not in ("correction", "ending")
)


class Known(Struct, frozen=True, array_like=True, omit_defaults=True):
    """As of which day something is known. `was` is a first day that was corrected by hand: a source
    that has it still means this placement.
    """

    on: date
    by_hand: bool = False
    was: date | None = None


Knowledge: TypeAlias = Mapping[str, Known]
_KNOWLEDGE = Decoder(dict[str, Known])


def of_child(child: ChildFacts) -> dict[str, Any]:
    """What is said of a child, by name; recipients by their kind."""
    said = {name: getattr(child, name) for name in _OF_CHILD}
    by_kind = sorted(child.recipients, key=attrgetter("kind"))
    for kind, those in groupby(by_kind, key=attrgetter("kind")):
        said[f"{RECIPIENTS}{kind}"] = tuple(those)
    return _without_nothing(said)


def child_with(child: ChildFacts, taken: Mapping[str, Any]) -> ChildFacts:
    """A child of whom this is said now; the other kinds of recipients stay."""
    now = {**of_child(child), **taken}
    recipients: list[Recipient] = []
    for name, those in now.items():
        recipients += those if name.startswith(RECIPIENTS) else ()
    said: dict[str, Any] = {name: now.get(name) for name in _OF_CHILD}
    return ChildFacts(**said, recipients=tuple(recipients))


def of_facts(facts: PlacementFacts) -> dict[str, Any]:
    """What is sealed of a placement, by name."""
    return _without_nothing({name: getattr(facts, name) for name in _OF_PLACEMENT})


def of_placement(course: Course, facts: PlacementFacts) -> dict[str, Any]:
    """What is said of a placement, by name."""
    said = {name: getattr(course, name) for name in OF_COURSE}
    return _without_nothing(said) | of_facts(facts)


def knowledge_of(
    connection: Connection, table: Table, ids: Collection[str]
) -> dict[str, dict[str, Known]]:
    """What is known of children or of placements, by their ids."""
    found: dict[str, dict[str, Known]] = {}
    for part in in_parts(ids):
        rows = connection.execute(select(table.c.id, table.c.known).where(table.c.id.in_(part)))
        found |= {row.id: _KNOWLEDGE.decode(row.known) if row.known else {} for row in rows}
    return found


def keep_knowledge(connection: Connection, table: Table, every: Mapping[str, Knowledge]) -> None:
    """Keep what is known of children or of placements, by their ids."""
    rows = [{"of": one, "known": msgspec.json.encode(known)} for one, known in every.items()]
    if rows:
        connection.execute(update(table).where(table.c.id == bindparam("of")), rows)


def keep_typed(
    connection: Connection,
    table: Table,
    number: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    today: date,
) -> None:
    """Keep that a person has typed this today: what stood otherwise there is corrected."""
    known = knowledge_of(connection, table, [number])[number]
    changed = {one for one in {*before, *after} if before.get(one) != after.get(one)}
    now = {name: Known(today, by_hand=name in before) for name in changed}
    keep_knowledge(connection, table, {number: {**known, **now}})


def keep_first_day(connection: Connection, number: str, was: date, today: date) -> None:
    """Keep that a person has corrected a placement's first day, which sources have as it `was`."""
    known = knowledge_of(connection, placement, [number])[number]
    first = known[STARTS_ON].was if STARTS_ON in known else None
    now = Known(today, by_hand=True, was=first or was)
    keep_knowledge(connection, placement, {number: {**known, STARTS_ON: now}})


def _without_nothing(said: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in said.items() if value is not None}
