"""Records that wait for a second person, or were returned by one: sealed, one of each record.

Whoever of a provider's staff handed one in is told what becomes of it, wherever they are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from sqlalchemy import Connection, Row, delete, func, insert, select

from directory.providers.handins.answering import answer
from directory.records.publishing.service import profile_of, reference_of, statement_of
from directory.records.release.errors import NoSuchRelease
from directory.records.release.models import held_record
from directory.records.release.texts import Change, Written, changes, known_texts
from directory.security.rights.principal import Principal
from directory.security.rights.service import require
from directory.security.rights.table import Action
from directory.security.vault.service import Vault
from federation import Node
from protocols.commissioning import Commissioning
from protocols.handins import Outcome
from protocols.profiles import Profile
from protocols.records import Home, decode_record, encode_record
from protocols.statements import Statement

TABLE = "held_record"


@dataclass(frozen=True, slots=True)
class Origin:
    """That something came from a provider's staff: what they call it, and the authority that
    vouches for them (GSS code). What becomes of it is told there.
    """

    hand_in: str
    through: str


@dataclass(frozen=True, slots=True)
class Held:
    """A record that waits, or that was returned to who handed it in, and why."""

    id: str
    record: Written
    changes: list[Change]
    handed_in_by: str
    handed_in_name: str
    handed_in_at: datetime
    returned_by: str | None
    returned_at: datetime | None
    reason: str


def held_records(connection: Connection, node: Node, who: Principal, authority: str) -> list[Held]:
    """What waits of an authority's, the oldest first, and what was returned. Raises NotAllowed."""
    require(who, Action.LIST_RELEASES, authority)
    rows = connection.execute(
        select(held_record)
        .where(held_record.c.authority == authority)
        .order_by(held_record.c.handed_in_at, held_record.c.id)
    ).all()
    vault = Vault(connection, node)
    records = [open_record(vault, row) for row in rows]
    known = known_texts(connection, records)
    return [
        Held(
            id=row.id,
            record=record,
            changes=changes(record, known[reference_of(record)]),
            handed_in_by=row.handed_in_by,
            handed_in_name=row.handed_in_name,
            handed_in_at=row.handed_in_at,
            returned_by=row.returned_by,
            returned_at=row.returned_at,
            reason=vault.open(TABLE, "reason", row.id, row.reason).decode() if row.reason else "",
        )
        for row, record in zip(rows, records, strict=True)
    ]


def count_held(connection: Connection, who: Principal, authority: str) -> tuple[int, int]:
    """How many records wait that somebody may release, and how many were returned to them.

    Raises NotAllowed.
    """
    require(who, Action.LIST_RELEASES, authority)
    columns = held_record.c
    is_own, is_back = columns.handed_in_by == who.id, columns.returned_at.is_not(None)
    row = connection.execute(
        select(
            func.count().filter(~is_own, ~is_back).label("to_read"),
            func.count().filter(is_own, is_back).label("returned"),
        ).where(columns.authority == authority)
    ).one()
    return row.to_read, row.returned


@dataclass(frozen=True, slots=True)
class Standing:
    """That a record waits for release, or was returned for a reason."""

    handed_in_name: str
    handed_in_at: datetime
    returned_by: str | None
    reason: str


def standing(connection: Connection, node: Node, reference: str) -> Standing | None:
    """How it stands with what was handed in of a record; None where nothing waits of it."""
    row = connection.execute(
        select(held_record).where(held_record.c.reference == reference)
    ).one_or_none()
    if row is None:
        return None
    why = row.reason and Vault(connection, node).open(TABLE, "reason", row.id, row.reason).decode()
    return Standing(row.handed_in_name, row.handed_in_at, row.returned_by, why or "")


def drop_held(
    connection: Connection,
    node: Node,
    reference: str,
    why: str | None = "The authority has taken this record back.",
) -> bool:
    """Destroy what waits of a record, or was returned; gives whether anything was. Staff of a
    provider, whose it was and who wait still, are told `why`; None tells them nothing.
    """
    rows = connection.execute(select(held_record).where(held_record.c.reference == reference)).all()
    drop(connection, node, [row.id for row in rows])
    for row in rows:
        if why is not None and row.returned_at is None:
            tell(connection, node, row.authority, origin_of(row), "returned", why)
    return bool(rows)


def drop_of_provider(connection: Connection, node: Node, urn: str, through: str) -> None:
    """Destroy what waits of a home, or was returned, and came through an authority for a provider
    that runs it no longer. Nobody is told.
    """
    ids = connection.scalars(
        select(held_record.c.id).where(
            held_record.c.reference.in_((profile_of(urn), statement_of(urn))),
            held_record.c.through == through,
        )
    ).all()
    drop(connection, node, ids)


def withdraw_held(
    connection: Connection, node: Node, authority: str, hand_in: str, through: str
) -> bool:
    """Destroy what waits and was handed in so by a provider's staff; gives whether anything did."""
    ids = connection.scalars(
        select(held_record.c.id).where(
            held_record.c.authority == authority,
            held_record.c.hand_in == hand_in,
            held_record.c.through == through,
            held_record.c.returned_at.is_(None),
        )
    ).all()
    drop(connection, node, ids)
    return bool(ids)


def hold_back(
    connection: Connection, node: Node, who: Principal, record: Written, origin: Origin | None
) -> str:
    """Hold a record back in the place of what waited of it; gives its id."""
    reference, number = reference_of(record), token_hex(16)
    drop_held(
        connection,
        node,
        reference,
        why="The authority has handed in another version, which takes the place of yours.",
    )
    sealed = Vault(connection, node).seal(TABLE, "record", number, encode_record(record))
    connection.execute(
        insert(held_record).values(
            id=number,
            reference=reference,
            authority=record.authority,
            record=sealed,
            handed_in_by=who.id,
            handed_in_name=who.name[:200],
            handed_in_at=node.now(),
            hand_in=origin.hand_in if origin else None,
            through=origin.through if origin else None,
        )
    )
    return number


def origin_of(row: Row[*tuple[object, ...]]) -> Origin | None:
    """Whose it was, where it came from a provider's staff."""
    return Origin(row.hand_in, row.through) if row.hand_in else None


def tell(
    connection: Connection,
    node: Node,
    authority: str,
    origin: Origin | None,
    outcome: Outcome,
    reason: str = "",
) -> None:
    """Tell a provider's staff, where it came from them, what became of it."""
    if origin:
        answer(
            connection,
            node,
            hand_in=origin.hand_in,
            through=origin.through,
            authority=authority,
            outcome=outcome,
            reason=reason,
        )


def row_of(connection: Connection, authority: str, number: str) -> Row[*tuple[object, ...]]:
    """What waits under an id. Raises NoSuchRelease."""
    row = connection.execute(
        select(held_record)
        .where(held_record.c.id == number, held_record.c.authority == authority)
        .with_for_update()
    ).one_or_none()
    if row is None or row.returned_at is not None:
        raise NoSuchRelease(
            f"Nothing of the id {number} waits for release here: it was released, returned or "
            "handed in anew meanwhile. 'hearth releases' lists what waits."
        )
    return row


def open_record(vault: Vault, row: Row[*tuple[object, ...]]) -> Written:
    """What waits, opened."""
    record = decode_record(vault.open(TABLE, "record", row.id, row.record))
    if not isinstance(record, Home | Profile | Commissioning | Statement):
        raise TypeError("nobody hands in a record of this schema")
    return record


def drop(connection: Connection, node: Node, ids: Iterable[str]) -> None:
    """Destroy what waits, for good."""
    gone = list(ids)
    connection.execute(delete(held_record).where(held_record.c.id.in_(gone)))
    Vault(connection, node).destroy(TABLE, gone)
