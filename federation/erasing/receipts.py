"""The author's side: receipts of erasure that come in, and who has given one for which erasure."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, LargeBinary, func, select

from federation import tables
from federation.database import writing
from federation.node import Node
from federation.statements import upsert
from federation.store import OWN
from protocols.charter import Member
from protocols.entries import decode_entry
from protocols.erasures import open_erasure
from protocols.errors import Malformed
from protocols.keys import Purpose

_ERASES = b'{"v":1,"op":"erase",'
_mine = tables.own_entry.c


@dataclass(frozen=True, slots=True)
class OwnErasure:
    """An `erase` entry of our own log: its index, its author's time, and the entries it names."""

    index: int
    time: datetime
    named: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A member's signed receipt for an erasure; `erased_at` is what its clock said."""

    erased_at: datetime
    received_at: datetime
    receipt: str


def take_erasure_receipt(node: Node, member: Member, text: str) -> None:
    """Verify and keep a receipt that a member delivers; once is as good as often.

    Raises what `open_erasure` does.
    """
    keys = {key.kid: key for key in member.keys_for(Purpose.ACCESS)}
    with writing(node.node_db) as connection:
        said = open_erasure(
            text,
            by=member.node,
            keys=keys.get,
            origin=node.member.origin,
            entry=lambda index: _raw_of(connection, index),
        )
        connection.execute(
            upsert(connection, tables.erasure_receipt)
            .values(
                idx=said.entry,
                node=member.node,
                receipt=text,
                erased_at=said.at,
                received_at=node.now(),
            )
            .on_conflict_do_nothing()
        )


def own_erasures(connection: Connection) -> list[OwnErasure]:
    """Every `erase` entry of our own log, in order."""
    start = func.substr(_mine.raw, 1, len(_ERASES), type_=LargeBinary)
    rows = connection.execute(
        select(_mine.idx, _mine.raw).where(_mine.log == OWN, start == _ERASES).order_by(_mine.idx)
    )
    found = [_read(row.idx, row.raw) for row in rows]
    return [one for one in found if one]


def confirmations(connection: Connection, index: int) -> dict[str, Confirmation]:
    """Who has confirmed the `erase` entry at an index of our log, by the member's name."""
    table = tables.erasure_receipt
    rows = connection.execute(select(table).where(table.c.idx == index).order_by(table.c.node))
    return {row.node: Confirmation(row.erased_at, row.received_at, row.receipt) for row in rows}


def _raw_of(connection: Connection, index: int) -> bytes | None:
    raw = connection.scalar(select(_mine.raw).where(_mine.log == OWN, _mine.idx == index))
    return raw if raw is not None and _read(index, raw) else None


def _read(index: int, raw: bytes) -> OwnErasure | None:
    try:
        entry = decode_entry(raw, index)
    except Malformed:
        return None
    if entry.op != "erase":
        return None
    return OwnErasure(index, datetime.fromisoformat(entry.time), entry.earlier)
