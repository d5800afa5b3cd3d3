"""What is closed to whom: the records that are restricted, and all that is of the same child.

Two steps, so that a list costs one query where nothing is restricted: what is tied to a restricted
record by an id is closed without being opened; whoever opens something else about a child asks
again with what it says of the child (`children`).
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, Row, or_, select, tuple_

from directory.hosting.homes.models import home_notice
from directory.hosting.partners.models import told_to_us
from directory.placing.register.models import placement
from directory.privacy.restricting.children import Marks, children_of
from directory.privacy.restricting.errors import Restricted
from directory.privacy.restricting.models import restriction, restriction_named
from directory.security.rights.principal import Principal
from federation import Node, in_parts

Ask = tuple[str, ...]
"""The names of those who may open a record, in order."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The children of the records that are closed to somebody, by their marks, each with whom to
    ask.
    """

    children: tuple[tuple[Marks, Ask], ...]

    def ask(self, marks: Marks) -> Ask | None:
        """Whom to ask about a child with these marks; None where nobody has to be."""
        return next((ask for known, ask in self.children if known & marks), None)


def require_open(connection: Connection, who: Principal, authority: str, *records: str) -> None:
    """Raise Restricted if one of these records of an authority is closed to them."""
    for record, ask in closed_to(connection, who, authority).items():
        if record in records:
            raise Restricted(authority, record, ask)


def require_child_open(
    connection: Connection, node: Node, who: Principal, authority: str, record: str, marks: Marks
) -> None:
    """Raise Restricted if a record is closed to them, or if one is that is about the same child.

    Raises a VaultError.
    """
    require_open(connection, who, authority, record)
    ask = closed_children(connection, node, who, authority).ask(marks)
    if ask is not None:
        raise Restricted(authority, record, ask)


def closed_to(connection: Connection, who: Principal, authority: str) -> dict[str, Ask]:
    """The records of an authority that are closed to them, each with the names of whom to ask."""
    standing = _not_theirs(connection, who, authority)
    families = _families(connection, authority, standing) if standing else {}
    return {one: ask for record, ask in standing.items() for one in families[record]}


def count_closed(connection: Connection, who: Principal, *authorities: str) -> dict[str, int]:
    """How many records of some authorities are restricted and closed to them, by whom to ask: the
    same number whatever is looked for, so that it answers no search.
    """
    return Counter(
        ", ".join(ask)
        for authority in authorities
        for ask in _not_theirs(connection, who, authority).values()
    )


def closed_children(connection: Connection, node: Node, who: Principal, authority: str) -> Closed:
    """The children whose records are closed to them. Raises a VaultError."""
    standing = _not_theirs(connection, who, authority)
    found = children_of(connection, node, authority, standing) if standing else {}
    return Closed(tuple((marks, standing[record]) for record, marks in found.items()))


def standing(
    connection: Connection, authority: str, records: Collection[str] | None = None
) -> list[tuple[Row[*tuple[object, ...]], dict[str, str]]]:
    """The restrictions that stand on these records of an authority, or on all, the latest first,
    each with the names of who may open it, by their ids.
    """
    stands = (restriction.c.authority == authority) & restriction.c.lifted_at.is_(None)
    query = select(restriction).where(stands).order_by(restriction.c.set_at.desc())
    rows = [row for row in connection.execute(query) if records is None or row.record in records]
    named: dict[str, dict[str, str]] = {row.id: {} for row in rows}
    for part in in_parts(list(named)):
        for one in connection.execute(
            select(restriction_named).where(restriction_named.c.restriction.in_(part))
        ):
            named[one.restriction][one.who] = one.name
    return [(row, named[row.id]) for row in rows]


def _not_theirs(connection: Connection, who: Principal, authority: str) -> dict[str, Ask]:
    return {
        str(row.record): tuple(sorted(named.values()))
        for row, named in standing(connection, authority)
        if who.id not in named
    }


def _families(
    connection: Connection, authority: str, records: Iterable[str]
) -> Mapping[str, set[str]]:
    """With each of these records, those that an id says to be of the same child."""
    ids = defaultdict[str, list[str]](list)
    for record in records:
        kind, _, number = record.partition("/")
        ids[kind].append(number)
    groups = [
        *_of_register(connection, authority, ids),
        *_of_homes(connection, authority, ids),
        *_of_partners(connection, authority, ids),
    ]
    families = {record: {record} for record in records}
    for family in families.values():
        while more := [one for one in groups if one & family and not one <= family]:
            family.update(*more)
    return families


def _of_register(
    connection: Connection, authority: str, ids: Mapping[str, list[str]]
) -> Iterable[set[str]]:
    """The children of the placing authority's register, with all their placements and notices."""
    mine = placement.c.authority == authority
    theirs = select(placement.c.child).where(
        mine,
        or_(
            placement.c.id.in_(ids.get("placement", ())),
            placement.c.notice.in_(ids.get("notice", ())),
        ),
    )
    found = defaultdict[str, set[str]](set)
    for row in connection.execute(
        select(placement.c.id, placement.c.child, placement.c.notice).where(
            mine, placement.c.child.in_(theirs)
        )
    ):
        found[row.child] |= {f"child/{row.child}", f"placement/{row.id}"}
        found[row.child] |= {f"notice/{row.notice}"} if row.notice else set()
    return found.values()


def _of_homes(
    connection: Connection, authority: str, ids: Mapping[str, list[str]]
) -> Iterable[set[str]]:
    """What homes have told, with the notice that is of the same child, or may be."""
    rows = connection.execute(
        select(home_notice.c.number, home_notice.c.notice).where(
            home_notice.c.area == authority,
            home_notice.c.notice.is_not(None),
            or_(
                home_notice.c.number.in_(ids.get("home-notice", ())),
                home_notice.c.notice.in_(ids.get("notice", ())),
            ),
        )
    )
    return [{f"home-notice/{row.number}", f"notice/{row.notice}"} for row in rows]


def _of_partners(
    connection: Connection, authority: str, ids: Mapping[str, list[str]]
) -> Iterable[set[str]]:
    """What we were told as a partner, with all else that was told of the same notice."""
    if not ids.get("told"):
        return ()
    table = told_to_us.c
    mine = table.authority == authority
    same = select(table.sender, table.notice).where(mine, table.id.in_(ids["told"]))
    found = defaultdict[tuple[str, str], set[str]](set)
    for row in connection.execute(
        select(table.sender, table.notice, table.id).where(
            mine, tuple_(table.sender, table.notice).in_(same)
        )
    ):
        found[row.sender, row.notice].add(f"told/{row.id}")
    return found.values()
