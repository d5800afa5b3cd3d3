"""What homes answer: kept sealed, the latest of each, until the census is closed."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec.json import Decoder
from sqlalchemy import ColumnElement, Connection, Row, select, update

from directory.hosting.census.errors import CensusOver, NoSuchCensus
from directory.hosting.census.models import census, census_home
from directory.security.audit.service import note
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node
from protocols.census import CensusCount

_TABLE = "census_home"
_counts: Decoder[tuple[CensusCount, ...]] = Decoder(tuple[CensusCount, ...])


def take_answer(
    connection: Connection,
    node: Node,
    *,
    area: str,
    of: str,
    claim: str,
    through: str,
    counts: Sequence[CensusCount],
    by: str,
    at: datetime,
) -> bool:
    """Keep what a home answers through another authority; whether it was asked so. What it said
    before what is kept, and after the census was closed, changes nothing.
    """
    mine = (
        (census_home.c.census == of)
        & (census_home.c.claim == claim)
        & (census_home.c.through == through)
    )
    row = _row(connection, mine & (census.c.area == area))
    if row is None:
        return False
    if row.closed_at is None and (row.answered_at is None or row.answered_at <= at):
        _keep(connection, node, row.number, counts, by, at)
    return True


def answer_by_hand(
    connection: Connection,
    node: Node,
    who: Principal,
    area: str,
    number: str,
    counts: Sequence[CensusCount],
) -> None:
    """Enter what a home wrote on paper or said. Raises NotAllowed, NoSuchCensus, CensusOver."""
    require(who, Action.HOLD_CENSUS, area)
    row = _row(connection, (census_home.c.number == number) & (census.c.area == area))
    if row is None:
        raise NoSuchCensus("There is no such home in a census here")
    _refuse_over(row)
    _keep(connection, node, number, counts, f"{who.name}, for the home", node.now())
    note(
        connection,
        node,
        who,
        Action.HOLD_CENSUS,
        authority=area,
        record=f"census/{row.census}",
        detail=f"entered the numbers of {row.urn}",
    )


def asked_by_link(connection: Connection, node: Node, token: str) -> Row[tuple[object, ...]]:
    """Whose numbers a link is for: `number`, `area`, `urn`, `as_at`, `answered_at`. Raises
    CensusOver.
    """
    row = _row(connection, census_home.c.link == digest_of(token))
    if row is None or row.link_ends_at <= node.now():
        raise CensusOver("This link has come to its end. Ask whoever sent it for another")
    _refuse_over(row)
    return row


def answer_by_link(
    connection: Connection, node: Node, token: str, counts: Sequence[CensusCount], by: str
) -> None:
    """Keep what was typed by whoever has the link. Raises CensusOver."""
    row = asked_by_link(connection, node, token)
    _keep(connection, node, str(row.number), counts, by, node.now())
    note(
        connection,
        node,
        Principal("link:census", "whoever has the link", frozenset()),
        "answer a census by a link",
        authority=str(row.area),
        record=f"census/{row.census}",
        detail=f"numbers of {row.urn}",
    )


def answered(
    connection: Connection, node: Node, rows: Sequence[Row[tuple[object, ...]]]
) -> Mapping[str, tuple[CensusCount, ...]]:
    """The numbers of homes that have answered, by their number in the census."""
    sealed = {row.number: row.counts for row in rows if row.counts}
    opened = Vault(connection, node).open_all(_TABLE, "counts", sealed)
    return {number: _counts.decode(body) for number, body in opened.items()}


def last_answers(
    connection: Connection, node: Node, area: str
) -> dict[str, tuple[datetime, tuple[CensusCount, ...]]]:
    """When each home of an area last answered a census, and its numbers, by URN; for whoever may
    see what homes answer.
    """
    rows = connection.execute(
        select(census_home)
        .join(census, census.c.id == census_home.c.census)
        .where(census.c.area == area, census_home.c.answered_at.is_not(None))
        .order_by(census_home.c.answered_at)
    ).all()
    last = {str(row.urn): row for row in rows}
    counts = answered(connection, node, list(last.values()))
    return {
        urn: (row.answered_at, counts[str(row.number)])
        for urn, row in last.items()
        if row.number in counts
    }


def digest_of(token: str) -> bytes:
    """What is kept of a link."""
    return hashlib.sha256(token.encode()).digest()


def _row(connection: Connection, which: ColumnElement[bool]) -> Row[tuple[object, ...]] | None:
    return connection.execute(
        select(census_home, census.c.area, census.c.as_at, census.c.closed_at)
        .join(census, census.c.id == census_home.c.census)
        .where(which)
    ).one_or_none()


def _refuse_over(row: Row[tuple[object, ...]]) -> None:
    if row.closed_at is not None:
        raise CensusOver("This census is closed. Nothing is answered any more")


def _keep(
    connection: Connection,
    node: Node,
    number: str,
    counts: Sequence[CensusCount],
    by: str,
    at: datetime,
) -> None:
    body = Vault(connection, node).seal(
        _TABLE, "counts", number, msgspec.json.encode(tuple(counts))
    )
    connection.execute(
        update(census_home)
        .where(census_home.c.number == number)
        .values(counts=body, answered_by=by[:200], answered_at=at)
    )
