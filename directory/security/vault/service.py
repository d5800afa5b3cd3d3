"""Sealing and opening the confidential columns of `node.db`, each record under a key of its own.

To destroy a record is to delete its data key: nothing opens it then, in no copy and no backup,
once the erasures beside the keys are replayed (`erasures`).
"""

from collections.abc import Collection, Mapping
from secrets import token_hex

from sqlalchemy import Connection, delete, insert, select

from directory.security.vault.epochs import current_epoch, epoch_key, keys_of
from directory.security.vault.erasures import note_erasures
from directory.security.vault.errors import Erased
from directory.security.vault.models import data_key
from directory.security.vault.sealing import new_key, open_value, seal_value, unwrap, wrap
from federation import Node, in_parts, will_forget


class Vault:
    """The sealed values of a node, within one transaction on `node.db`.

    A record is known by its table and its id there, which must not change and name nobody.
    """

    def __init__(self, connection: Connection, node: Node) -> None:
        self._connection = connection
        self._keys = keys_of(node)
        self._epochs: dict[int, bytes] = {}
        self._current: int | None = None

    def seal(self, table: str, column: str, record: str, value: bytes) -> bytes:
        """Seal a value; the record gets a data key when it has none. Needs `writing`."""
        return self.seal_all(table, column, {record: value})[record]

    def open(self, table: str, column: str, record: str, sealed: bytes) -> bytes:
        """Open a value. Raises Erased, DamagedValue, or what reading the epoch key does."""
        found = self.open_all(table, column, {record: sealed})
        if record not in found:
            raise Erased(
                f"{table} {record} was destroyed: its key is gone for good, and nothing opens it "
                "any more."
            )
        return found[record]

    def seal_all(self, table: str, column: str, values: Mapping[str, bytes]) -> dict[str, bytes]:
        """Seal a column of many records, by their ids."""
        held = self._held(table, values)
        fresh = {record: new_key() for record in values if record not in held}
        if fresh:
            number = self._current_epoch()
            key = self._epoch_key(number)
            self._connection.execute(
                insert(data_key),
                [
                    {
                        "record": _name(table, record),
                        "id": token_hex(16),
                        "epoch": number,
                        "wrapped": wrap(one, key),
                    }
                    for record, one in fresh.items()
                ],
            )
        every = held | fresh
        return {
            record: seal_value(every[record], table, column, record, value)
            for record, value in values.items()
        }

    def open_all(self, table: str, column: str, sealed: Mapping[str, bytes]) -> dict[str, bytes]:
        """Open a column of many records, by their ids, without those that were destroyed.

        Raises DamagedValue, or what reading the epoch key does.
        """
        held = self._held(table, sealed)
        return {
            record: open_value(held[record], table, column, record, value)
            for record, value in sealed.items()
            if record in held
        }

    def destroy(self, table: str, records: Collection[str]) -> int:
        """Delete the data keys of records, for good; gives how many had one.

        It is noted beside the keys first, and holds from then on: an erasure that a crash cut short
        is finished at the next start. After the commit, `federation.forget_deleted`.
        """
        names = {_name(table, record) for record in records}
        ids: list[str] = []
        for part in in_parts(names):
            ids += self._connection.scalars(
                select(data_key.c.id).where(data_key.c.record.in_(part))
            )
        note_erasures(self._keys, ids)
        for part in in_parts(ids):
            self._connection.execute(delete(data_key).where(data_key.c.id.in_(part)))
        if ids:
            will_forget(self._connection)
        return len(ids)

    def _held(self, table: str, records: Collection[str]) -> dict[str, bytes]:
        """The data keys of those of the records that have one."""
        names = {_name(table, record): record for record in records}
        held: dict[str, bytes] = {}
        for part in in_parts(names):
            rows = self._connection.execute(
                select(data_key.c.record, data_key.c.epoch, data_key.c.wrapped).where(
                    data_key.c.record.in_(part)
                )
            )
            for row in rows.all():
                held[names[row.record]] = unwrap(row.wrapped, self._epoch_key(row.epoch))
        return held

    def _current_epoch(self) -> int:
        if self._current is None:
            self._current = current_epoch(self._connection)
        return self._current

    def _epoch_key(self, number: int) -> bytes:
        if number not in self._epochs:
            self._epochs[number] = epoch_key(self._connection, self._keys, number)
        return self._epochs[number]


def _name(table: str, record: str) -> str:
    return f"{table}/{record}"
