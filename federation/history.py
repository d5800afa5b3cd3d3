"""Finding records in the logs that this node holds by how they begin, and what ended each."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, LargeBinary, func, or_, select

from federation import tables
from protocols.entries import SALT_SIZE, decode_entry
from protocols.errors import Malformed

_entry = tables.entry.c


@dataclass(frozen=True, slots=True)
class LogRecord:
    """Exact bytes of a record, at an index of a log by its number in `replica.db`.

    `ended_by` is the operation of the first later entry that names it, None while it is current.
    Times are the author's.
    """

    log: int
    index: int
    record: bytes
    time: datetime
    ended_by: str | None
    ended_at: datetime | None


def find_records(connection: Connection, start: bytes) -> list[LogRecord]:
    """Every record that is held and begins so, in the order of logs and entries.

    Reads all entries: there is no index, which every entry of every log would have to pay for.
    """
    begins = func.substr(_entry.blob, SALT_SIZE + 1, len(start), type_=LargeBinary) == start
    rows = connection.execute(
        select(_entry.log, _entry.idx, _entry.raw, _entry.blob)
        .where(begins)
        .order_by(_entry.log, _entry.idx)
    ).all()
    ended = _endings(connection, rows)
    return [
        LogRecord(
            row.log,
            row.idx,
            row.blob[SALT_SIZE:],
            datetime.fromisoformat(decode_entry(row.raw, row.idx).time),
            *ended.get((row.log, row.idx), (None, None)),
        )
        for row in rows
    ]


def _endings(
    connection: Connection, rows: Sequence[Any]
) -> dict[tuple[int, int], tuple[str, datetime]]:
    """What ended each, and when. An erasure needs no look: what it ends is not held."""
    found: dict[tuple[int, int], tuple[str, datetime]] = {}
    for log in {row.log for row in rows}:
        names = or_(*(_names(row.idx) for row in rows if row.log == log))
        later = connection.execute(
            select(_entry.idx, _entry.raw).where(_entry.log == log, names).order_by(_entry.idx)
        )
        for one in later:
            try:
                entry = decode_entry(one.raw, one.idx)
            except Malformed:
                continue  # ends as if it named one, and is no entry
            when = datetime.fromisoformat(entry.time)
            for index in entry.earlier:
                found.setdefault((log, index), (entry.op, when))
    return found


def _names(index: int) -> Any:
    """Whether an entry names this one alone, by its last bytes: an entry has one spelling."""
    end = b'"earlier":[%d]}' % index
    first = func.length(_entry.raw) - len(end) + 1
    return func.substr(_entry.raw, first, len(end), type_=LargeBinary) == end
