"""What waits of a home: its guide and its full document, each as it was handed in last, sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex
from typing import Literal, TypeAlias

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from directory.providers.accepting.errors import NothingWaits
from directory.providers.accepting.models import handed_in, handed_in_file
from directory.security.vault.service import Vault
from federation import Node
from protocols.attachments import MediaType

Kind: TypeAlias = Literal["guide", "document"]
_TABLE = "handed_in"
_FILES = "handed_in_file"


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits, without itself. `through` vouches for whoever handed it in."""

    id: str
    urn: str
    kind: Kind
    through: str
    hand_in: str
    handed_in_by: str
    handed_in_at: datetime


_NAMED = [handed_in.c[name] for name in Waiting.__dataclass_fields__]


def keep_waiting(
    connection: Connection,
    node: Node,
    *,
    authority: str,
    urn: str,
    kind: Kind,
    through: str,
    hand_in: str,
    by: str,
    body: bytes | None,
    files: Sequence[tuple[MediaType, bytes]],
) -> None:
    """Keep what was handed in, in the place of what waited of the same home and kind."""
    drop_waiting(
        connection,
        node,
        (handed_in.c.authority == authority)
        & (handed_in.c.urn == urn)
        & (handed_in.c.kind == kind),
    )
    made, vault = token_hex(16), Vault(connection, node)
    connection.execute(
        insert(handed_in).values(
            id=made,
            authority=authority,
            urn=urn,
            kind=kind,
            through=through,
            hand_in=hand_in,
            handed_in_by=by[:200],
            handed_in_at=node.now(),
            body=vault.seal(_TABLE, "body", made, body) if body is not None else None,
        )
    )
    for place, (type_, content) in enumerate(files):
        sealed = vault.seal(_FILES, "content", f"{made}/{place}", content)
        connection.execute(
            insert(handed_in_file).values(handed_in=made, place=place, type=type_, content=sealed)
        )


def every_waiting(connection: Connection, authority: str) -> list[Waiting]:
    """What waits of an authority's homes; what came first, first."""
    rows = connection.execute(
        select(*_NAMED)
        .where(handed_in.c.authority == authority)
        .order_by(handed_in.c.handed_in_at, handed_in.c.id)
    )
    return [Waiting(*row) for row in rows]


def one_waiting(connection: Connection, authority: str, number: str) -> Waiting:
    """What waits under an id. Raises NothingWaits."""
    row = connection.execute(
        select(*_NAMED)
        .where(handed_in.c.authority == authority, handed_in.c.id == number)
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NothingWaits(
            "It was accepted, returned, withdrawn or handed in anew meanwhile. What waits now "
            "stands below"
        )
    return Waiting(*row)


def body_of(connection: Connection, node: Node, waiting: str) -> bytes:
    """What a guide that waits says."""
    sealed = connection.scalar(select(handed_in.c.body).where(handed_in.c.id == waiting))
    return Vault(connection, node).open(_TABLE, "body", waiting, sealed or b"")


def files_of(
    connection: Connection, node: Node, waiting: str, place: int | None = None
) -> list[tuple[MediaType, bytes]]:
    """The files that came with it, in order; or the one of a place."""
    mine = handed_in_file.c.handed_in == waiting
    if place is not None:
        mine &= handed_in_file.c.place == place
    rows = connection.execute(
        select(handed_in_file).where(mine).order_by(handed_in_file.c.place)
    ).all()
    vault = Vault(connection, node)
    return [
        (row.type, vault.open(_FILES, "content", f"{waiting}/{row.place}", row.content))
        for row in rows
    ]


def drop_waiting(connection: Connection, node: Node, which: ColumnElement[bool]) -> list[str]:
    """Destroy what waits, for good; gives what it was called by those who handed it in."""
    gone = connection.execute(
        delete(handed_in).where(which).returning(handed_in.c.id, handed_in.c.hand_in)
    ).all()
    ids = [row.id for row in gone]
    files = connection.execute(
        delete(handed_in_file)
        .where(handed_in_file.c.handed_in.in_(ids))
        .returning(handed_in_file.c.handed_in, handed_in_file.c.place)
    ).all()
    vault = Vault(connection, node)
    vault.destroy(_TABLE, ids)
    vault.destroy(_FILES, [f"{row.handed_in}/{row.place}" for row in files])
    return [row.hand_in for row in gone]


def destroy_waiting_of(connection: Connection, node: Node, urn: str) -> bool:
    """Destroy what waits of a home that is erased; gives whether anything did."""
    return bool(drop_waiting(connection, node, handed_in.c.urn == urn))
