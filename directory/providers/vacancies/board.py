"""A commissioner's side: what every member's snapshot says of vacancies, as far as it counts.

A node speaks for the homes in the areas that it serves, and for those of which such a node says
that it does: a provider whose staff have their accounts elsewhere says its vacancies there. What is
above a home's registered places, or of a home with one place, does not count, whoever says it.
"""

import threading
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from pyroaring import BitMap
from sqlalchemy import Connection, select

from directory.country.reference.working_days import london_day
from directory.homes.index import home_index
from directory.homes.models import home, home_state
from directory.providers.vacancies.rules import fits, is_stale
from directory.security.rights.principal import Principal
from directory.security.rights.service import may, require
from directory.security.rights.table import Action
from federation import Node, in_parts, read_snapshots, snapshot_marks
from protocols.snapshots import section_of
from protocols.vacancies import Vacancies, Vacancy


@dataclass(frozen=True, slots=True)
class Board:
    """The vacancies that count on a day, by URN. `free` are the claims, as numbers of the index of
    homes, of those that have a bed and are not stale, which they are after so many `days`.
    """

    said: dict[str, Vacancy]
    free: BitMap
    today: date
    days: int


@dataclass(frozen=True, slots=True)
class _Held:
    state: object
    until: datetime | None
    board: Board


_lock = threading.Lock()
_held: dict[str, _Held] = {}


def vacancies_for(replica: Connection, node: Node, who: Principal) -> Board | None:
    """The board for who may see it; None for everybody else, providers above all."""
    return read_board(replica, node, who) if may(who, Action.SEE_VACANCIES) else None


def read_board(replica: Connection, node: Node, who: Principal) -> Board:
    """What counts now. Raises NotAllowed."""
    require(who, Action.SEE_VACANCIES)
    now = node.now()
    today = london_day(now)
    days = node.charter.rules.days_of_vacancies
    state = (snapshot_marks(node), replica.scalar(select(home_state.c.state)) or 0, today, days)
    place = str(node.folder)
    held = _held.get(place)
    if held and held.state == state and (held.until is None or now < held.until):
        return held.board
    with _lock:
        board, until = _read(replica, node, today, days)
        _held[place] = _Held(state, until, board)
        return board


def _read(replica: Connection, node: Node, today: date, days: int) -> tuple[Board, datetime | None]:
    area = {one.node: one.area for one in (node.member, *node.others())}
    by_node: dict[str, Vacancies] = {}
    ends: list[datetime] = []
    for name, current in read_snapshots(node).items():
        if current.snapshot and (section := section_of(current.snapshot, Vacancies)):
            by_node[name] = section
            ends.append(current.snapshot.expires)
    homes = _homes(replica, {one.urn for section in by_node.values() for one in section.homes})

    def speaks(name: str, urn: str) -> bool:
        return urn in homes and not area[name].isdisjoint(homes[urn].authorities)

    named = {
        (one.node, one.urn)
        for name, section in by_node.items()
        for one in section.elsewhere
        if speaks(name, one.urn)
    }
    said: dict[str, Vacancy] = {}
    for name, section in sorted(by_node.items()):
        for one in section.homes:
            counts = speaks(name, one.urn) or (name, one.urn) in named
            if not counts or one.urn not in homes or not fits(one, homes[one.urn].places):
                continue
            if one.urn not in said or said[one.urn].said_on < one.said_on:
                said[one.urn] = one
    found = [
        row
        for urn, one in said.items()
        if one.beds and not is_stale(one, today, days)
        for row in homes[urn].rows
    ]
    return Board(said, home_index(replica).with_ids(found), today, days), min(ends, default=None)


@dataclass(slots=True)
class _Home:
    """A home as those who claim it say: where, with how many places at the least, in which rows."""

    authorities: set[str] = field(default_factory=set)
    rows: list[int] = field(default_factory=list)
    places: int | None = None


def _homes(replica: Connection, urns: Collection[str]) -> dict[str, _Home]:
    found: dict[str, _Home] = {}
    for part in in_parts(urns):
        for row in replica.execute(
            select(home.c.id, home.c.urn, home.c.authority, home.c.places).where(
                home.c.urn.in_(part)
            )
        ):
            one = found.setdefault(row.urn, _Home())
            one.authorities.add(row.authority)
            one.rows.append(row.id)
            if row.places is not None:
                one.places = min(row.places, one.places or row.places)
    return found
