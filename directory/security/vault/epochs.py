"""Epoch keys: files `epoch-<number>` beside the node's keys, out of every copy of a database.

The newest epoch of the database wraps every data key. An older file is kept until the operator
removes it, for backups from before need it.
"""

import re
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, delete, func, insert, select, update

from directory.security.vault.errors import (
    EpochInUse,
    EpochKeyMissing,
    ForeignEpochKey,
    UnsafeEpochKey,
)
from directory.security.vault.models import data_key, epoch
from directory.security.vault.sealing import KEY_SIZE, fingerprint, new_key, unwrap, wrap
from federation import Node, hold, write_private
from protocols.encoding import b64url, from_b64url
from protocols.errors import Malformed

_FILE = re.compile(r"epoch-([1-9][0-9]{0,8})")
_BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch of this database, or a file that is left of one."""

    number: int
    began_at: datetime | None
    data_keys: int
    file: bool


def keys_of(node: Node) -> Path:
    """The folder in which a node's keys lie."""
    return node.folder / "keys"


def first_epoch(keys: Path) -> tuple[int, bytes]:
    """Number and key of the epoch with which an empty database begins.

    The newest that is there already, for backups need it, too; else one drawn afresh.
    """
    if numbers := _numbers(keys):
        return numbers[-1], read_key(keys, numbers[-1])
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    return 1, _make(keys, 1)


def read_key(keys: Path, number: int) -> bytes:
    """The key in a file. Raises EpochKeyMissing, UnsafeEpochKey."""
    path = _path(keys, number)
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise UnsafeEpochKey(f"{path} can be read by others: run chmod 600 on it")
        key = from_b64url(path.read_text("ascii").strip(), "key")
        if len(key) != KEY_SIZE:
            raise Malformed("key: wrong length")
    except FileNotFoundError:
        raise EpochKeyMissing(
            f"{path} is missing. Without it what is confidential in the database cannot be opened: "
            "restore it from the key backup."
        ) from None
    except (Malformed, ValueError):
        # Nothing of what stands there: it could be most of the key.
        raise UnsafeEpochKey(f"{path} is damaged: restore it from the key backup") from None
    return key


def epoch_key(connection: Connection, keys: Path, number: int) -> bytes:
    """The key of an epoch of this database. Raises what `read_key` does, and ForeignEpochKey."""
    known = connection.scalar(select(epoch.c.fingerprint).where(epoch.c.number == number))
    key = read_key(keys, number)
    if known != fingerprint(key):
        raise ForeignEpochKey(
            f"{_path(keys, number)} is the key of another node, or of another database: it does "
            "not open what is confidential here. Restore the file from this node's key backup."
        )
    return key


def current_epoch(connection: Connection) -> int:
    """The epoch under which data keys are wrapped now."""
    return connection.scalar(select(func.max(epoch.c.number))) or 0


def list_epochs(connection: Connection, node: Node) -> list[Epoch]:
    """The epochs of this database and the files beside the keys, the oldest first."""
    count = func.count(data_key.c.record)
    rows = connection.execute(
        select(epoch.c.number, epoch.c.began_at, count)
        .outerjoin(data_key, data_key.c.epoch == epoch.c.number)
        .group_by(epoch.c.number, epoch.c.began_at)
    )
    known = {row[0]: (row[1], row[2]) for row in rows}
    files = set(_numbers(keys_of(node)))
    return [
        Epoch(number, *known.get(number, (None, 0)), number in files)
        for number in sorted(known.keys() | files)
    ]


def begin_epoch(
    connection: Connection, node: Node, report: Callable[[int], None] = lambda _: None
) -> int:
    """Draw a new epoch key and wrap every data key with it, in the caller's transaction.

    Gives the new epoch's number. `report` is told how many data keys are done.
    """
    hold(connection, "epoch")
    keys, before = keys_of(node), current_epoch(connection)
    number = max([before, *_numbers(keys)]) + 1
    key = _make(keys, number)
    connection.execute(
        insert(epoch).values(number=number, fingerprint=fingerprint(key), began_at=node.now())
    )
    old: dict[int, bytes] = {}
    done, last = 0, ""
    while rows := connection.execute(
        select(data_key).where(data_key.c.record > last).order_by(data_key.c.record).limit(_BATCH)
    ).all():
        for row in rows:
            if row.epoch not in old:
                old[row.epoch] = epoch_key(connection, keys, row.epoch)
            wrapped = wrap(unwrap(row.wrapped, old[row.epoch]), key)
            connection.execute(
                update(data_key)
                .where(data_key.c.record == row.record)
                .values(epoch=number, wrapped=wrapped)
            )
        done, last = done + len(rows), rows[-1].record
        report(done)
    return number


def remove_epoch(connection: Connection, node: Node, number: int) -> None:
    """Delete the file of an epoch that is over. Raises EpochInUse, EpochKeyMissing.

    Backups that were made during that epoch open no longer.
    """
    hold(connection, "epoch")
    path = _path(keys_of(node), number)
    needing = connection.scalar(
        select(func.count()).select_from(data_key).where(data_key.c.epoch == number)
    )
    if needing or number == current_epoch(connection):
        raise EpochInUse(
            f"{needing or 0:,} data keys need the key of epoch {number}, and it "
            f"{'is the current one' if number == current_epoch(connection) else 'is kept'}. "
            "Nothing was removed; 'hearth epoch new' begins another epoch and wraps all with it."
        )
    if not path.exists():
        raise EpochKeyMissing(f"There is no file {path}; nothing was removed.")
    path.unlink()
    connection.execute(delete(epoch).where(epoch.c.number == number))


def _make(keys: Path, number: int) -> bytes:
    key = new_key()
    write_private(_path(keys, number), b64url(key).encode() + b"\n")
    return key


def _path(keys: Path, number: int) -> Path:
    return keys / f"epoch-{number}"


def _numbers(keys: Path) -> list[int]:
    found = (_FILE.fullmatch(path.name) for path in keys.glob("epoch-*"))
    return sorted(int(one[1]) for one in found if one)
