"""Attempts that failed, counted in the database so that every process knows: growing pauses.

An attempt is counted before it is looked at, so that many at once get no further than one after the
other. Three things are counted for a password: an account from one address, which pauses after 5;
an address whatever the account, after 50; and an account whatever the address, after 20. So who
types a colleague's email address over and over shuts out themselves first; many machines together
can keep one account paused, and that is the price of not letting them guess on. What is typed is
counted alike whether there is such an account or not.
"""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from sqlalchemy import Connection, Engine, Row, delete, insert, select, update

from directory.security.people.errors import Paused
from directory.security.people.models import failed_attempt
from federation import hold, writing

FORGOTTEN_AFTER = timedelta(days=1)
LONGEST_PAUSE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Counted:
    """What failures are counted of, and how many are let pass before there is a pause."""

    of: str
    allowed: int
    shared: bool = False
    """By many people: one who succeeds clears only what they themselves added."""

    @property
    def key(self) -> bytes:
        """What stands in the database."""
        return hashlib.sha256(self.of.encode()).digest()


def of_password(email: str, address: str) -> Sequence[Counted]:
    """For a password that is typed for an account from an address."""
    network = _network(address)
    return (
        Counted(f"password\0{email}\0{network}", 5),
        Counted(f"password from\0{network}", 50, shared=True),
        Counted(f"password of\0{email}", 20),
    )


def of_code(person: str) -> Sequence[Counted]:
    """For a code that is typed by who knew the password: only a thief of it can cause a pause."""
    return (Counted(f"code\0{person}", 5),)


def of_secret(address: str) -> Sequence[Counted]:
    """For a wrong secret of a system: secrets are not guessed, so a right one never waits."""
    return (Counted(f"secret from\0{_network(address)}", 20, shared=True),)


def of_asking(email: str, address: str) -> Sequence[Counted]:
    """For asking for a link by email."""
    return (
        Counted(f"asked\0{email}", 3),
        Counted(f"asked from\0{_network(address)}", 20, shared=True),
    )


def count_attempt(node_db: Engine, counted: Sequence[Counted], now: datetime) -> bool:
    """Count an attempt as failed until `forgive` is called. Raises Paused.

    Gives whether this one, if it fails, begins a pause.
    """
    begins = False
    with writing(node_db) as connection:
        _hold(connection, counted)
        connection.execute(
            delete(failed_attempt).where(failed_attempt.c.latest_at < now - FORGOTTEN_AFTER)
        )
        rows = {one: _row(connection, one.key) for one in counted}
        until = [row.paused_until for row in rows.values() if row and row.paused_until]
        if until and max(until) > now:
            minutes = math.ceil((max(until) - now) / timedelta(minutes=1))
            raise Paused(
                "Too many attempts have failed. Wait "
                f"{minutes} minute{'' if minutes == 1 else 's'}, then try again"
            )
        for one, row in rows.items():
            failures = row.failures + 1 if row else 1
            over = failures - one.allowed
            pause = min(timedelta(minutes=2 ** min(over, 10)), LONGEST_PAUSE) if over >= 0 else None
            values = {
                "failures": failures,
                "latest_at": now,
                "paused_until": now + pause if pause else None,
            }
            begins = begins or pause is not None
            if row:
                connection.execute(
                    update(failed_attempt).where(failed_attempt.c.key == one.key).values(values)
                )
            else:
                connection.execute(insert(failed_attempt).values(key=one.key, **values))
    return begins


def forgive(connection: Connection, counted: Sequence[Counted]) -> None:
    """After an attempt that succeeded: it is taken back, and with it all that is not shared."""
    _hold(connection, counted)
    for one in counted:
        here = failed_attempt.c.key == one.key
        row = _row(connection, one.key)
        if row and one.shared and row.failures > 1:
            left = row.failures - 1
            until = row.paused_until if left >= one.allowed else None
            connection.execute(
                update(failed_attempt).where(here).values(failures=left, paused_until=until)
            )
        else:
            connection.execute(delete(failed_attempt).where(here))


def _hold(connection: Connection, counted: Sequence[Counted]) -> None:
    """Nobody else counts these until the transaction ends; in one order, so that none is stuck."""
    for key in sorted(one.key for one in counted):
        hold(connection, f"attempts {key.hex()}")


def _row(connection: Connection, key: bytes) -> Row[tuple[object, ...]] | None:
    return connection.execute(
        select(failed_attempt).where(failed_attempt.c.key == key)
    ).one_or_none()


def _network(address: str) -> str:
    """An IPv6 address stands for its /64, of which anybody has as many as they like."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        return str(known.ipv4_mapped or IPv6Address(int(known) >> 64 << 64))
    return str(known)
