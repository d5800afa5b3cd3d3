"""Reconciling a return: who may, the row in the audit, and all that is found, sorted.

Nothing is written but that row. The files are read where they lie, and are not kept.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from itertools import chain
from pathlib import Path
from typing import IO

from msgspec import structs
from sqlalchemy import Connection, select

from directory.country.reference.working_days import london_day
from directory.country.rules.relation import Relation, relation_of
from directory.country.ssda903.errors import Fault
from directory.country.ssda903.where import Areas
from directory.homes.models import home
from directory.placing.reconciling.findings import Finding, Item, Line, find
from directory.placing.reconciling.returns import Return, read_return
from directory.placing.reconciling.told import closed_keys, key, told_by
from directory.placing.reconciling.validator import Validated, validate
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, reading, writing
from protocols.publication import Publication

WANTING: tuple[Finding, ...] = (
    "no notice",
    "never acknowledged",
    "ended, not told",
    "ended, no notice",
    "area unknown",
)
"""What somebody has to do something about."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """All that was found. Lists are in the order of the rows; an item may stand in several.

    `placements` has all, `out_of_area` those outside the authority's area, `missing` those of them
    that go on and of which nobody was told. What is of records that are restricted, and closed to
    who asks, is counted and left out. `faulty` counts what could not be read, of which
    `faults` are the first. `ages_known`: a Header was given.
    """

    publication = Publication.CHILD

    authority: str
    as_at: date
    year: int | None
    episodes: int
    counts: dict[str, int]
    placements: list[Line]
    out_of_area: list[Line]
    missing: list[Item]
    never_acknowledged: list[Item]
    ended_not_told: list[Item]
    ended_no_notice: list[Line]
    exempt: list[Item]
    area_unknown: list[Item]
    ages_known: bool
    faulty: int
    faults: tuple[Fault, ...]
    validator: Validated


def reconcile(
    node: Node,
    who: Principal,
    authority: str,
    episodes: IO[bytes],
    header: IO[bytes] | None = None,
    *,
    year: int | None = None,
    validator: Path | None = None,
    reason: str,
) -> Reconciled:
    """Hold a return of an authority (GSS code) against what it has told others. `validator` is the
    folder of the sector's validator. Raises NotAllowed, ReasonWanted, a ReturnError, a VaultError.
    """
    require(who, Action.RECONCILE_RETURNS, authority, reason)
    read = read_return(episodes, header, year)
    with writing(node.node_db) as connection:
        told = told_by(connection, node, authority)
        closed = closed_keys(connection, node, who, authority)
        note(
            connection,
            node,
            who,
            Action.RECONCILE_RETURNS,
            authority=authority,
            record="sent-notices",
            reason=reason,
            detail=f"{read.episodes} episodes, {len(told)} notices",
        )
    left = tuple(one for one in read.placements if key(one.child) not in closed)
    restricted, read = len(read.placements) - len(left), replace(read, placements=left)
    with reading(node.replica) as connection:
        homes = areas_of_homes(connection)
    areas = Areas(homes.get)
    areas.look_up_all(one.now for one in read.placements)
    as_at = london_day(node.now())
    items = find(read, told, areas, _relation(node, authority), placing=authority, as_at=as_at)
    wanting = [one for one in items if one.finding in WANTING]
    said = validate(
        validator,
        episodes,
        header,
        children=_children(read, wanting),
        year=read.year,
        authority=authority,
    )
    return _sorted(authority, as_at, read, _with(items, said), said, restricted)


def areas_of_homes(connection: Connection) -> dict[str, str]:
    """The area of each home in the directory, from `replica.db`, by URN; without contested ones."""
    found: dict[str, str | None] = {}
    for urn, gss in connection.execute(select(home.c.urn, home.c.authority)):
        found[urn] = gss if found.get(urn, gss) == gss else None
    return {urn: gss for urn, gss in found.items() if gss}


def _relation(node: Node, placing: str) -> Callable[[str], Relation]:
    return cache(lambda area: relation_of(node.folder, placing, area))


def _children(read: Return, wanting: Iterable[Item]) -> set[str]:
    rows = {one.row for one in wanting}
    return {key(one.child) for one in read.placements if one.row in rows}


def _with(items: Iterable[Item], said: Validated) -> list[Item]:
    """The items with what the validator says of their rows."""
    if not said.rows:
        return list(items)
    return [
        structs.replace(one, validator=codes)
        if one.finding in WANTING
        and (
            codes := tuple(
                dict.fromkeys(chain.from_iterable(said.rows.get(row, ()) for row in one.rows))
            )
        )
        else one
        for one in items
    ]


def _sorted(
    authority: str,
    as_at: date,
    read: Return,
    items: list[Item],
    said: Validated,
    restricted: int,
) -> Reconciled:
    def of(finding: Finding) -> list[Item]:
        return [one for one in items if one.finding == finding]

    concerned = {row for one in items if one.finding in WANTING for row in one.rows}
    shown = {row: codes for row, codes in said.rows.items() if row in concerned}
    lines = [Line(one.row, one.rule, one.finding, one.area) for one in items]
    over = [one for one in lines if one.finding == "ended, no notice"]
    away = [one for one in lines if one.area not in (None, authority)]
    lists: dict[str, list[Item]] = {
        "missing": of("no notice"),
        "never_acknowledged": of("never acknowledged"),
        "ended_not_told": of("ended, not told"),
        "exempt": of("exempt"),
        "area_unknown": of("area unknown"),
    }
    return Reconciled(
        authority=authority,
        as_at=as_at,
        year=read.year,
        episodes=read.episodes,
        counts={
            "placements": len(lines),
            "out_of_area": len(away),
            "ended_no_notice": len(over),
            "restricted": restricted,
            **{name: len(one) for name, one in lists.items()},
        },
        placements=lines,
        out_of_area=away,
        ended_no_notice=over,
        **lists,
        ages_known=read.born is not None,
        faulty=read.faulty,
        faults=read.faults,
        validator=replace(said, rows=shown),
    )
