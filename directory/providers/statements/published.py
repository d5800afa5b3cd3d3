"""The statements of purpose that members have published: the current ones, and every version."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, select

from directory.providers.statements.models import statement
from directory.providers.statements.schedule import PARAGRAPHS, Paragraph
from directory.records.release.difference import Piece, difference
from federation import FollowedLog, find_records, followed_logs, in_parts, read_entries
from protocols.errors import ProtocolError
from protocols.records import decode_record
from protocols.statements import Statement


@dataclass(frozen=True, slots=True)
class Published:
    """A statement as an entry of a log says it. `ended_at`: since when another version, or none,
    stands in its place.
    """

    record: Statement
    log: FollowedLog
    entry: int
    published_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A matter of which two versions say different things, and the difference."""

    paragraph: Paragraph
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Dates:
    """When the current statement of a home was revised and reviewed."""

    urn: str
    revised_on: date
    reviewed_on: date


def current_statements(connection: Connection, urn: str) -> list[Published]:
    """What counts as the statement of a home now: of several, each is another node's claim."""
    rows = connection.execute(
        select(statement.c.log, statement.c.entry)
        .where(statement.c.urn == urn)
        .order_by(statement.c.log, statement.c.entry)
    ).all()
    logs = followed_logs(connection, {row.log for row in rows})
    found = []
    for row in rows:
        for entry in read_entries(connection, row.log, [row.entry]):
            if isinstance(entry.record, Statement) and entry.entry is not None:
                at = datetime.fromisoformat(entry.entry.time)
                found.append(Published(entry.record, logs[row.log], row.entry, at))
    return found


def has_statement(connection: Connection, urn: str) -> bool:
    """Whether any node has published a statement of this home that counts."""
    return (
        connection.scalar(select(statement.c.entry).where(statement.c.urn == urn).limit(1))
        is not None
    )


def all_versions(connection: Connection, urn: str) -> list[Published]:
    """Every version that is held, of every log, the latest first. `urn` is one of Ofsted's form."""
    logs = followed_logs(connection)
    found = []
    for one in find_records(connection, b'{"schema":"statement/1","urn":"%s",' % urn.encode()):
        try:
            record = decode_record(one.record)
        except ProtocolError:
            continue
        if isinstance(record, Statement):
            found.append(Published(record, logs[one.log], one.index, one.time, one.ended_at))
    return sorted(found, key=lambda one: (one.published_at, one.log.node, one.entry), reverse=True)


def rewritten(before: Statement | None, after: Statement) -> list[Rewritten]:
    """What differs between two versions, by matter."""
    old = {one.matter: one.text for one in before.sections} if before else {}
    new = {one.matter: one.text for one in after.sections}
    return [
        Rewritten(one, difference(old.get(one.matter, ""), new.get(one.matter, "")))
        for one in PARAGRAPHS
        if old.get(one.matter) != new.get(one.matter)
    ]


def dates_of_homes(connection: Connection, homes: Iterable[tuple[str, str]]) -> list[Dates]:
    """Of the current statements of homes, given by URN and authority, the dates, by URN."""
    wanted = dict(homes)
    found = []
    for part in in_parts(wanted):
        rows = connection.execute(
            select(
                statement.c.urn,
                statement.c.authority,
                statement.c.revised_on,
                statement.c.reviewed_on,
            ).where(statement.c.urn.in_(part))
        )
        found += [
            Dates(row.urn, row.revised_on, row.reviewed_on)
            for row in rows
            if wanted[row.urn] == row.authority
        ]
    return sorted(found, key=lambda one: one.urn)


def dates_of(connection: Connection, authority: str) -> list[Dates]:
    """Of every current statement of homes in an authority's area, its dates, by URN."""
    rows = connection.execute(
        select(statement.c.urn, statement.c.revised_on, statement.c.reviewed_on)
        .where(statement.c.authority == authority)
        .order_by(statement.c.urn)
    )
    return [Dates(*row) for row in rows]
