"""The rows of children and placements: sealed going in, opened coming out, many at a time.

Nobody's rights are asked here, and nothing is noted: `service` does, and so do the imports.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from secrets import token_hex

import msgspec
from msgspec.json import Decoder
from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, insert, select, update

from directory.notices.models import sent_notice
from directory.placing.register.models import child, placement
from directory.placing.register.values import ChildFacts, Course, Kept, PlacementFacts, Source
from directory.security.vault.service import Vault
from federation import Node, in_parts

CHILD, PLACEMENT, BODY = "child", "placement", "body"
_CHILD = Decoder(ChildFacts)
_PLACEMENT = Decoder(PlacementFacts)
_COURSE = [one.name for one in fields(Course)]


def insert_children(
    connection: Connection, node: Node, authority: str, source: Source, every: Sequence[ChildFacts]
) -> list[str]:
    """Keep children; gives their ids, in the same order."""
    ids = [token_hex(16) for _ in every]
    sealed = _seal(connection, node, CHILD, dict(zip(ids, every, strict=True)))
    rows = [
        {
            "id": one,
            "authority": authority,
            "body": sealed[one],
            "source": source,
            "changed_at": node.now(),
        }
        for one in ids
    ]
    if rows:
        connection.execute(insert(child), rows)
    return ids


def update_children(connection: Connection, node: Node, every: Mapping[str, ChildFacts]) -> None:
    """Say of children, by their ids, what is known now."""
    sealed = _seal(connection, node, CHILD, every)
    rows = [{"of": one, "body": sealed[one], "changed_at": node.now()} for one in every]
    if rows:
        connection.execute(update(child).where(child.c.id == bindparam("of")), rows)


def insert_placements(
    connection: Connection,
    node: Node,
    authority: str,
    source: Source,
    every: Sequence[tuple[str, Course, PlacementFacts]],
    came_with: str | None = None,
) -> list[str]:
    """Keep placements, each of the child of an id; gives their ids, in the same order. `came_with`
    is the import that they came with.
    """
    ids = [token_hex(16) for _ in every]
    facts = (facts for _, _, facts in every)
    sealed = _seal(connection, node, PLACEMENT, dict(zip(ids, facts, strict=True)))
    rows = [
        {
            "id": one,
            "authority": authority,
            "child": of,
            **asdict(course),
            "source": source,
            "came_with": came_with,
            "body": sealed[one],
            "changed_at": node.now(),
        }
        for one, (of, course, _) in zip(ids, every, strict=True)
    ]
    if rows:
        connection.execute(insert(placement), rows)
    return ids


def update_placements(
    connection: Connection, node: Node, every: Mapping[str, tuple[Course, PlacementFacts]]
) -> None:
    """Say of placements, by their ids, what is known now."""
    facts = {one: facts for one, (_, facts) in every.items()}
    sealed = _seal(connection, node, PLACEMENT, facts)
    rows = [
        {
            "of": one,
            **asdict(course),
            "body": sealed[one],
            "changed_at": node.now(),
        }
        for one, (course, _) in every.items()
    ]
    if rows:
        connection.execute(update(placement).where(placement.c.id == bindparam("of")), rows)


def kept_placements(connection: Connection, *where: ColumnElement[bool]) -> list[Kept]:
    """The placements for which all of this holds, the latest start first."""
    columns = [one for one in placement.c if one.name not in (BODY, "known", "notice")]
    standing = case((sent_notice.c.withdrawn_at.is_(None), placement.c.notice)).label("notice")
    rows = connection.execute(
        select(*columns, standing)
        .outerjoin(sent_notice, sent_notice.c.id == placement.c.notice)
        .where(*where)
        .order_by(placement.c.starts_on.desc(), placement.c.id)
    )
    return [_kept(row) for row in rows]


def open_children(connection: Connection, node: Node, authority: str) -> dict[str, ChildFacts]:
    """Every child of an authority by its id, but those that were destroyed."""
    return _open_children(connection, node, child.c.authority == authority)


def open_child(connection: Connection, node: Node, number: str) -> ChildFacts | None:
    """One child; None where there is none, or where it was destroyed."""
    return _open_children(connection, node, child.c.id == number).get(number)


def open_placements(
    connection: Connection, node: Node, ids: Sequence[str]
) -> dict[str, PlacementFacts]:
    """What is sealed of placements, by their ids, but of those that were destroyed."""
    sealed: dict[str, bytes] = {}
    for part in in_parts(ids):
        rows = connection.execute(
            select(placement.c.id, placement.c.body).where(placement.c.id.in_(part))
        )
        sealed |= {row.id: row.body for row in rows}
    opened = Vault(connection, node).open_all(PLACEMENT, BODY, sealed)
    return {one: _PLACEMENT.decode(data) for one, data in opened.items()}


def _open_children(
    connection: Connection, node: Node, where: ColumnElement[bool]
) -> dict[str, ChildFacts]:
    rows = connection.execute(select(child.c.id, child.c.body).where(where).order_by(child.c.id))
    opened = Vault(connection, node).open_all(CHILD, BODY, {row.id: row.body for row in rows})
    return {one: _CHILD.decode(data) for one, data in opened.items()}


def _seal(
    connection: Connection, node: Node, table: str, every: Mapping[str, ChildFacts | PlacementFacts]
) -> dict[str, bytes]:
    values = {one: msgspec.json.encode(facts) for one, facts in every.items()}
    return Vault(connection, node).seal_all(table, BODY, values)


def _kept(row: Row[*tuple[object, ...]]) -> Kept:
    known = row._mapping
    course = Course(**{name: known[name] for name in _COURSE})
    return Kept(
        id=known["id"],
        authority=known["authority"],
        child=known["child"],
        course=course,
        notice=known["notice"],
        source=known["source"],
        changed_at=known["changed_at"],
    )
