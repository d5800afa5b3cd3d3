"""The inbox of an authority: what lists have changed about homes, until somebody there saw it."""

from collections.abc import Collection
from dataclasses import replace

from msgspec.json import Decoder
from sqlalchemy import Connection, Row, Select, and_, case, delete, func, insert, literal, select

from directory.choosing.changes.models import home_change, home_change_seen
from directory.choosing.changes.values import ChangeFilter, Difference, HomeChange, Kind
from directory.country.reference.neighbours import neighbours
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from federation import Node, in_parts

_DIFFERENCES: Decoder[tuple[Difference, ...]] = Decoder(tuple[Difference, ...])
_ORDER: dict[Kind, int] = {"closed": 0, "changed": 1, "back": 2, "new": 3}
_change, _seen = home_change.c, home_change_seen.c


def changes(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    wanted: ChangeFilter,
    *,
    skip: int = 0,
    limit: int | None = None,
) -> list[HomeChange]:
    """What is wanted, of the newest list first; there closed homes before changed ones, those that
    are back, and new ones; then by URN. Raises NotAllowed.
    """
    require(who, Action.LIST_CHANGES, authority)
    rows = connection.execute(
        _narrowed(node, authority, wanted)
        .with_only_columns(*home_change.c, _seen.seen_by, _seen.seen_at)
        .order_by(_change.noted_at.desc(), case(_ORDER, value=_change.kind), _change.urn)
        .offset(skip)
        .limit(limit)
    )
    return [read_change(row) for row in rows]


def count_changes(
    connection: Connection, node: Node, who: Principal, authority: str, wanted: ChangeFilter
) -> dict[Kind, int]:
    """How many there are of each kind of what is wanted, whichever kind that is.

    Raises NotAllowed.
    """
    require(who, Action.LIST_CHANGES, authority)
    of_all = _narrowed(node, authority, replace(wanted, kind=None))
    rows = connection.execute(
        of_all.with_only_columns(_change.kind, func.count().label("found")).group_by(_change.kind)
    )
    found = {row.kind: row.found for row in rows}
    return {kind: found.get(kind, 0) for kind in _ORDER}


def newest_change(connection: Connection) -> int:
    """The id of the change that was noted last; 0 where there is none."""
    return connection.scalar(select(func.max(_change.id))) or 0


def mark_seen(
    connection: Connection, node: Node, who: Principal, authority: str, ids: Collection[int]
) -> int:
    """Note that somebody of the authority has seen these, in the caller's transaction; gives how
    many nobody there had seen before. Raises NotAllowed.
    """
    require(who, Action.MARK_CHANGES, authority)
    waiting = [
        number
        for part in in_parts(ids)
        for number in connection.scalars(
            _narrowed(node, authority, ChangeFilter())
            .with_only_columns(_change.id)
            .where(_change.id.in_(part))
        )
    ]
    rows = [
        {
            "change": number,
            "authority": authority,
            "seen_by": who.name[:200],
            "seen_at": node.now(),
        }
        for number in waiting
    ]
    if rows:
        connection.execute(insert(home_change_seen), rows)
    return len(rows)


def mark_all_seen(
    connection: Connection,
    node: Node,
    who: Principal,
    authority: str,
    wanted: ChangeFilter,
    newest: int,
) -> int:
    """As `mark_seen`, all that is wanted up to the newest one that who asks was shown."""
    listed = changes(connection, node, who, authority, replace(wanted, seen=False))
    return mark_seen(
        connection, node, who, authority, [one.id for one in listed if one.id <= newest]
    )


def put_back(connection: Connection, who: Principal, authority: str, change: int) -> None:
    """Have one wait again, as if nobody of the authority had seen it. Raises NotAllowed."""
    require(who, Action.MARK_CHANGES, authority)
    connection.execute(
        delete(home_change_seen).where(_seen.change == change, _seen.authority == authority)
    )


def _narrowed(node: Node, authority: str, wanted: ChangeFilter) -> Select[tuple[int]]:
    seen = and_(_seen.change == _change.id, _seen.authority == literal(authority))
    statement = (
        select(_change.id)
        .select_from(home_change.outerjoin(home_change_seen, seen))
        .where(_seen.change.is_not(None) if wanted.seen else _seen.change.is_(None))
    )
    if wanted.kind:
        statement = statement.where(_change.kind == wanted.kind)
    if wanted.area != "everywhere":
        adjoining = neighbours(node.folder)[authority] if wanted.area == "near" else frozenset()
        statement = statement.where(_change.authority.in_({authority, *adjoining}))
    return statement


def read_change(row: Row[*tuple[object, ...]]) -> HomeChange:
    """A row of `home_change`, with who of the authority has seen it."""
    return HomeChange(
        id=row.id,
        urn=row.urn,
        kind=row.kind,
        name=row.name,
        authority=row.authority,
        differences=_DIFFERENCES.decode(row.differences),
        as_at=row.as_at,
        seen_by=row.seen_by,
        seen_at=row.seen_at,
    )
